//! Runs rnn-plot and reads the pictures that it writes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Drawing units of an SVG per pixel.
pub const FINE: f64 = 3.0;

pub fn plot(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rnn-plot")).args(args).current_dir(folder).output().unwrap()
}

pub fn plotted(folder: &Path, args: &[&str]) {
    let output = plot(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}

pub struct Bitmap {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u8; 3]>,
}

pub fn bitmap(path: &Path) -> Bitmap {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let pixels = bytes.as_chunks::<3>().0.to_vec();
    Bitmap { width: info.width as usize, height: info.height as usize, pixels }
}

impl Bitmap {
    pub fn count(&self, color: [u8; 3]) -> usize {
        self.pixels.iter().filter(|&&pixel| pixel == color).count()
    }

    /// Whether nothing is drawn within `margin` pixels of the edge.
    pub fn has_margin(&self, margin: usize) -> bool {
        let page = self.pixels[0];
        let inside = |at: usize, length: usize| (margin..length - margin).contains(&at);
        self.pixels.iter().enumerate().all(|(i, &pixel)| {
            pixel == page || (inside(i % self.width, self.width) && inside(i / self.width, self.height))
        })
    }
}

/// A text in an SVG, and its extent in DejaVu Sans.
#[derive(Debug)]
pub struct Label {
    pub text: String,
    pub anchor: (f64, f64),
    pub x: (f64, f64),
    pub y: (f64, f64),
}

pub fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let start = tag.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}")) + name.len() + 3;
    tag[start..].split('"').next().unwrap()
}

pub fn number(tag: &str, name: &str) -> f64 {
    attribute(tag, name).parse().unwrap()
}

pub fn tags<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    svg.split('<').filter(|tag| tag.starts_with(&format!("{name} "))).collect()
}

/// The advance width of a letter in DejaVu Sans, a wide font, as a fraction of the font size.
pub fn breadth(letter: char, bold: bool) -> f64 {
    let font = if bold { dejavu::sans::bold() } else { dejavu::sans::regular() };
    let font = FontRef::new(font).unwrap();
    let (size, location) = (Size::new(1.0), LocationRef::default());
    let glyph = font.charmap().map(letter);
    glyph.and_then(|glyph| font.glyph_metrics(size, location).advance_width(glyph)).map_or(1.0, f64::from)
}

pub fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

pub fn labels(svg: &str) -> Vec<Label> {
    let label = |tag: &&str| {
        let text = unescaped(tag.split_once('>').unwrap().1.trim());
        let (x, y, size) = (number(tag, "x"), number(tag, "y"), number(tag, "font-size"));
        let width = size * text.chars().map(|c| breadth(c, tag.contains("bold"))).sum::<f64>();
        let left = match attribute(tag, "text-anchor") {
            "start" => x,
            "middle" => x - width / 2.0,
            _ => x - width,
        };
        // plotters rounds anchors, by up to half a unit each
        Label { text, anchor: (x, y), x: (left + 1.0, left + width - 1.0), y: (y, y + size) }
    };
    tags(svg, "text").iter().map(label).collect()
}

/// Centres of the small polygons of a colour, which are the markers.
pub fn markers(svg: &str, color: &str) -> Vec<(f64, f64)> {
    let small = tags(svg, "polygon").into_iter().filter(|tag| attribute(tag, "fill") == color).filter_map(|tag| {
        let (x, y) = extent(tag);
        (x.1 - x.0 < 20.0 * FINE).then(|| ((x.0 + x.1) / 2.0, (y.0 + y.1) / 2.0))
    });
    small.collect()
}

/// The horizontal and vertical extent of a polygon.
pub fn extent(tag: &str) -> ((f64, f64), (f64, f64)) {
    let points = attribute(tag, "points").split_whitespace().map(|point| {
        let (x, y) = point.split_once(',').unwrap();
        (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
    });
    let start = ((f64::MAX, f64::MIN), (f64::MAX, f64::MIN));
    points.fold(start, |(x, y), point| ((x.0.min(point.0), x.1.max(point.0)), (y.0.min(point.1), y.1.max(point.1))))
}

pub fn assert_labels_are_apart(svg: &str) {
    let (width, height) = (number(svg, "width") * FINE, number(svg, "height") * FINE);
    let all = labels(svg);
    assert!(all.len() > 5);
    for (i, a) in all.iter().enumerate() {
        assert!(a.x.0 >= 0.0 && a.x.1 <= width && a.y.0 >= 0.0 && a.y.1 <= height, "outside: {a:?}");
        for b in &all[i + 1..] {
            let apart = a.x.1 <= b.x.0 || b.x.1 <= a.x.0 || a.y.1 <= b.y.0 || b.y.1 <= a.y.0;
            assert!(apart, "{a:?} overlaps {b:?}");
        }
    }
}

pub fn assert_refused(folder: &Path, args: &[&str], status: i32, about: &str) {
    let before = fs::read_dir(folder).unwrap().count();
    let output = plot(folder, args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {stderr}");
    let mut lines = stderr.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("rnn-plot: ") && first.contains(about), "{stderr}");
    assert!(lines.all(|line| line.starts_with("hint: ")), "{stderr}");
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(folder).unwrap().count(), before);
}

/// Asserts that the command-line parser rejects the arguments.
pub fn assert_usage(folder: &Path, args: &[&str], about: &str) {
    let output = plot(folder, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains(about), "{output:?}");
}
