//! Draws text on PNGs from the outlines of DejaVu Sans, which `scripts/glyphs.py` generates, so that no font has to be
//! found or linked. SVGs are laid out with the same widths: DejaVu is a wide font, so the viewer's own font fits too.
//! Its licence is in `DejaVu-LICENSE`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Font;

static OUTLINES: &str = include_str!("glyphs.txt");

/// Font units per em.
const EM: f64 = 1024.0;

/// Drawn for characters without a glyph.
const MISSING: char = '□';

/// The regular and the bold face.
static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| {
    let mut faces = OUTLINES.split("face ").skip(1).map(Face::parse);
    [faces.next(), faces.next()].map(|face| face.expect("there are two faces"))
});

#[derive(Default)]
struct Face {
    glyphs: FxHashMap<char, Glyph>,
}

struct Glyph {
    advance: f64,
    contours: &'static str,
}

impl Face {
    fn of(font: Font) -> &'static Self {
        &FACES[usize::from(font.bold)]
    }

    fn parse(text: &'static str) -> Self {
        let glyph = |line: &'static str| {
            let mut fields = line.splitn(3, ' ');
            let code = u32::from_str_radix(fields.next()?, 16).ok()?;
            let advance = fields.next()?.parse().ok()?;
            Some((char::from_u32(code)?, Glyph { advance, contours: fields.next().unwrap_or_default() }))
        };
        Self { glyphs: text.lines().skip(1).map(|line| glyph(line).expect("a glyph has three fields")).collect() }
    }

    fn glyph(&self, c: char) -> &Glyph {
        self.glyphs.get(&c).or_else(|| self.glyphs.get(&MISSING)).expect("there is a glyph for missing characters")
    }
}

/// The advance width of a text, in pixels.
pub fn width(font: Font, text: &str) -> f64 {
    let face = Face::of(font);
    text.chars().map(|c| face.glyph(c).advance).sum::<f64>() * font.size / EM
}

/// Calls `ink(x, y, opacity)` for every pixel that `text` covers, with its baseline starting at `at`.
pub fn draw(font: Font, text: &str, at: (f64, f64), mut ink: impl FnMut(i32, i32, f32)) {
    let (face, scale) = (Face::of(font), font.size / EM);
    let (mut pen, mut coverage) = (at.0, Coverage::default());
    let baseline = at.1.round(); // keeps the lower edges of characters sharp
    for c in text.chars() {
        let glyph = face.glyph(c);
        coverage.fill(&outline(glyph.contours, scale), (pen, baseline), &mut ink);
        pen += glyph.advance * scale;
    }
}

/// Returns a glyph's contours as line segments, with y pointing down from the baseline.
fn outline(contours: &str, scale: f64) -> Vec<[(f64, f64); 2]> {
    let (mut x, mut y) = (0.0, 0.0);
    let mut pieces = Vec::new();
    for contour in contours.split(" / ").filter(|contour| !contour.is_empty()) {
        let mut points: Vec<(bool, (f64, f64))> = Vec::new();
        for point in contour.split(' ') {
            let (on, rest) = point.strip_prefix('~').map_or((true, point), |rest| (false, rest));
            let (dx, dy) = rest.split_once(',').expect("a point has two coordinates");
            let number = |text: &str| text.parse::<f64>().expect("a coordinate is a number");
            (x, y) = (x + number(dx), y + number(dy));
            let point = (x * scale, -y * scale);
            if let Some(&(false, before)) = points.last()
                && !on
            {
                points.push((true, middle(before, point)));
            }
            points.push((on, point));
        }
        flatten(&points, scale, &mut pieces);
    }
    pieces
}

/// Splits a closed contour of lines and quadratic Bézier curves into line segments. Its first point is on the curve.
fn flatten(points: &[(bool, (f64, f64))], scale: f64, pieces: &mut Vec<[(f64, f64); 2]>) {
    let steps = if scale * EM < 40.0 { 4 } else { 8 };
    let mut from = points[0].1;
    let mut control = None;
    for &(on, point) in points[1..].iter().chain(&points[..1]) {
        match (on, control.take()) {
            (false, _) => control = Some(point),
            (true, None) => {
                pieces.push([from, point]);
                from = point;
            }
            (true, Some(bend)) => {
                let start = from;
                for step in 1..=steps {
                    let t = f64::from(step) / f64::from(steps);
                    let along =
                        |a: f64, b: f64, c: f64| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
                    let next = (along(start.0, bend.0, point.0), along(start.1, bend.1, point.1));
                    pieces.push([from, next]);
                    from = next;
                }
            }
        }
    }
}

fn middle(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

/// The fraction of each pixel that an outline covers. Each edge adds the area to its right, signed by its direction, to
/// the pixels that it crosses; the running sum along a row is the coverage.
#[derive(Default)]
struct Coverage {
    /// Row-major.
    areas: Vec<f32>,
}

impl Coverage {
    fn fill(&mut self, pieces: &[[(f64, f64); 2]], (x, y): (f64, f64), ink: &mut impl FnMut(i32, i32, f32)) {
        let bound = |of: fn(&(f64, f64)) -> f64, shift: f64| {
            let values = || pieces.iter().flatten().map(of);
            let low = (values().fold(f64::MAX, f64::min) + shift).floor();
            (low, (values().fold(f64::MIN, f64::max) + shift).ceil())
        };
        if pieces.is_empty() {
            return;
        }
        let ((left, right), (top, bottom)) = (bound(|p| p.0, x), bound(|p| p.1, y));
        let (columns, rows) = ((right - left) as usize + 2, (bottom - top) as usize);
        self.areas.clear();
        self.areas.resize(columns * rows, 0.0);
        for [a, b] in pieces {
            let shifted = |p: &(f64, f64)| ((p.0 + x - left) as f32, (p.1 + y - top) as f32);
            self.edge(shifted(a), shifted(b), columns, rows);
        }
        for (row, areas) in (0..).zip(self.areas.chunks_exact(columns)) {
            let mut sum = 0.0;
            for (column, area) in (0..).zip(areas) {
                sum += area;
                let opacity = sum.abs().min(1.0);
                if opacity > 1.0 / 512.0 {
                    ink(left as i32 + column, top as i32 + row, opacity);
                }
            }
        }
    }

    fn edge(&mut self, a: (f32, f32), b: (f32, f32), columns: usize, rows: usize) {
        let (direction, (from, to)) = if a.1 < b.1 { (1.0, (a, b)) } else { (-1.0, (b, a)) };
        if from.1 == to.1 {
            return;
        }
        let slope = (to.0 - from.0) / (to.1 - from.1);
        let mut x = from.0;
        for row in from.1 as usize..(to.1.ceil() as usize).min(rows) {
            let height = to.1.min((row + 1) as f32) - from.1.max(row as f32);
            let next = x + slope * height;
            let areas = &mut self.areas[row * columns..(row + 1) * columns];
            spread(areas, (x.min(next).max(0.0), x.max(next)), direction * height);
            x = next;
        }
    }
}

/// Adds the area to the right of an edge that runs from `x0` to `x1` within a row of pixels.
fn spread(areas: &mut [f32], (x0, x1): (f32, f32), height: f32) {
    let fraction_left_of = |x: f32| (x - x0) / (x1 - x0).max(1e-6);
    let mut before = 0.0;
    for (column, area) in areas.iter_mut().enumerate().skip(x0 as usize) {
        let (left, right) = (column as f32, (column + 1) as f32);
        let (from, to) = (x0.clamp(left, right), x1.clamp(left, right));
        let mean = (fraction_left_of(from) + fraction_left_of(to)) / 2.0;
        let covered = height * (mean * (to - from) + right - to);
        *area += covered - before;
        before = covered;
        if left > x1 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(font: Font, text: &str, at: (f64, f64)) -> Vec<(i32, i32, f32)> {
        let mut all = Vec::new();
        draw(font, text, at, |x, y, opacity| all.push((x, y, opacity)));
        all
    }

    #[test]
    fn every_glyph_is_drawn_near_its_position() {
        for bold in [false, true] {
            let font = Font { size: 20.0, bold };
            let face = Face::of(font);
            assert!(face.glyphs.len() > 450, "{} glyphs", face.glyphs.len());
            for &c in face.glyphs.keys().filter(|c| !c.is_whitespace()) {
                let ink = pixels(font, &c.to_string(), (100.0, 100.0));
                assert!(ink.len() > 2, "{c} has {} pixels", ink.len());
                let near = |v: i32| (70..140).contains(&v);
                assert!(ink.iter().all(|&(x, y, opacity)| near(x) && near(y) && opacity <= 1.0), "{c}");
            }
        }
    }

    #[test]
    fn digits_are_equally_wide_and_missing_characters_are_boxes() {
        let font = Font { size: 20.0, bold: false };
        assert!(('0'..='9').all(|c| width(font, &c.to_string()) == width(font, "8")));
        assert_eq!(width(font, "字"), width(font, "□"));
        assert_eq!(width(Font { size: 40.0, ..font }, "Word"), 2.0 * width(font, "Word"));
    }

    #[test]
    fn coverage_is_the_enclosed_area() {
        // a triangle with corners at half pixels, and an l, which is a rectangle
        let triangle = [(0.5, 0.0), (4.5, 3.0), (0.5, 3.0)];
        let pieces: Vec<_> = (0..3).map(|i| [triangle[i], triangle[(i + 1) % 3]]).collect();
        let mut sum = 0.0;
        Coverage::default().fill(&pieces, (7.25, 9.5), &mut |_, _, opacity| sum += opacity);
        assert!((sum - 6.0).abs() < 1e-4, "{sum}");
        let font = Font { size: 1024.0, bold: false };
        let ink: f32 = pixels(font, "l", (0.0, 900.0)).iter().map(|p| p.2).sum();
        assert!((ink - 92.0 * 778.0).abs() < 600.0, "{ink}");
    }
}
