//! The letters on PNGs: DejaVu Sans as bitmaps, made by `scripts/glyphs.py`, so that no font has to be
//! found, parsed or linked. SVGs use their widths to leave enough room; DejaVu runs wide, so the viewer's
//! own font fits too. Its licence is `DejaVu-LICENSE`.

use std::sync::LazyLock;

static PIXELS: &[u8] = include_bytes!("glyphs.png");
static MEASURES: &str = include_str!("glyphs.txt");

/// Cells to a row of a face's grid.
const COLUMNS: usize = 32;

/// Stands for characters that are not there.
const MISSING: char = '□';

static ATLAS: LazyLock<Atlas> = LazyLock::new(Atlas::load);

struct Atlas {
    characters: Vec<char>,
    faces: Vec<Face>,
    /// One byte a pixel, 0 to 15.
    levels: Vec<u8>,
    width: usize,
}

/// One size and weight.
pub struct Face {
    pub size: u32,
    pub bold: bool,
    cell: (usize, usize),
    /// Where a glyph's origin lies in its cell.
    origin: (i32, i32),
    /// The face's first row in the atlas.
    top: usize,
    advances: Vec<u8>,
}

/// The face nearest to `size` pixels, in the right weight if there is one.
pub fn face(size: f64, bold: bool) -> &'static Face {
    let distance = |face: &&Face| (f64::from(face.size) - size).abs() + if face.bold == bold { 0.0 } else { 0.5 };
    ATLAS.faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("the atlas has faces")
}

impl Face {
    /// Pixels from the first letter's origin to the place of the next after the last.
    pub fn width(&self, text: &str) -> i32 {
        text.chars().map(|c| i32::from(self.advances[index(c)])).sum()
    }

    /// Calls `ink(x, y, opacity)` for every pixel that `text` touches, relative to the start of its baseline.
    pub fn draw(&self, text: &str, mut ink: impl FnMut(i32, i32, f64)) {
        let mut pen = 0;
        for index in text.chars().map(index) {
            let (left, top) = (index % COLUMNS * self.cell.0, self.top + index / COLUMNS * self.cell.1);
            for y in 0..self.cell.1 {
                let start = (top + y) * ATLAS.width + left;
                for (x, &level) in ATLAS.levels[start..start + self.cell.0].iter().enumerate() {
                    if level > 0 {
                        ink(pen + x as i32 - self.origin.0, y as i32 - self.origin.1, f64::from(level) / 15.0);
                    }
                }
            }
            pen += i32::from(self.advances[index]);
        }
    }
}

fn index(c: char) -> usize {
    let find = |c| ATLAS.characters.binary_search(&c).ok();
    find(c).or_else(|| find(MISSING)).expect("the atlas has a glyph for missing ones")
}

impl Atlas {
    fn load() -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(PIXELS)).read_info().expect("the atlas is a PNG");
        let mut packed = vec![0; reader.output_buffer_size().expect("the atlas is small")];
        let info = reader.next_frame(&mut packed).expect("the atlas is whole");
        let width = info.width as usize;
        let mut levels = Vec::with_capacity(2 * packed.len());
        for row in packed.chunks_exact(info.line_size) {
            levels.extend(row.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(width));
        }

        let mut lines = MEASURES.lines();
        let characters: Vec<char> = lines.next().and_then(|l| l.strip_prefix("characters ")).unwrap().chars().collect();
        let mut faces = Vec::new();
        let mut top = 0;
        while let (Some(head), Some(advances)) = (lines.next(), lines.next()) {
            let mut fields = head.split(' ').skip(1);
            let bold = fields.next() == Some("bold");
            let numbers: Vec<usize> = fields.map(|n| n.parse().expect("a measure is a number")).collect();
            let &[size, width, height, left, baseline] = numbers.as_slice() else { panic!("a face has five measures") };
            faces.push(Face {
                size: size as u32,
                bold,
                cell: (width, height),
                origin: (left as i32, baseline as i32),
                top,
                advances: advances.split(' ').map(|n| n.parse().expect("an advance is a number")).collect(),
            });
            top += characters.len().div_ceil(COLUMNS) * height;
        }
        Self { characters, faces, levels, width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_is_whole() {
        assert!(ATLAS.characters.is_sorted());
        for face in &ATLAS.faces {
            assert_eq!(face.advances.len(), ATLAS.characters.len());
            for &c in ATLAS.characters.iter().filter(|c| !c.is_whitespace()) {
                let mut inked = 0;
                face.draw(&c.to_string(), |x, y, opacity| {
                    assert!(opacity > 0.0 && opacity <= 1.0);
                    assert!(x.abs() < 2 * face.size as i32 && y.abs() < 2 * face.size as i32);
                    inked += 1;
                });
                assert!(inked > 2, "{c} has {inked} pixels at size {}", face.size);
            }
        }
    }

    #[test]
    fn figures_are_equally_wide_and_strange_letters_have_a_box() {
        let face = face(20.0, false);
        assert_eq!((face.size, face.bold), (20, false));
        assert!(('0'..='9').all(|c| face.width(&c.to_string()) == face.width("8")));
        assert_eq!(face.width("字"), face.width("□"));
    }
}
