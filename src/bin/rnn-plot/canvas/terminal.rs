//! Renders the picture in the cells of a terminal, in plain Unicode: text as it is, curves as Braille dots, frames and
//! axes as box-drawing characters, fills as shades.

use plotters::style::RGBColor;

use super::paint::dashes;
use super::{Align, Canvas, Marker, Point, Shape};

/// Width and height of a cell in pixels of the picture.
pub const CELL: (f64, f64) = (12.0, 24.0);

/// Columns and rows of Braille dots in a cell.
const DOTS: (usize, usize) = (2, 4);

/// Rectangles thinner than this are lines.
const THIN: f64 = 4.0;

struct Cells {
    columns: usize,
    rows: usize,
    /// The character of each cell; `None` if it has only dots.
    letters: Vec<Option<char>>,
    dots: Vec<u8>,
}

/// Renders the picture as lines of text.
pub fn render(canvas: &Canvas) -> String {
    let (columns, rows) = ((canvas.size.0 / CELL.0).ceil() as usize, (canvas.size.1 / CELL.1).ceil() as usize);
    let blank = columns * rows;
    let mut cells = Cells { columns, rows, letters: vec![None; blank], dots: vec![0; blank] };
    let is_text = |shape: &&Shape| matches!(shape, Shape::Text { .. });
    for shape in canvas.shapes.iter().filter(|shape| !is_text(shape)) {
        cells.draw(shape, canvas);
    }
    canvas.shapes.iter().filter(is_text).for_each(|shape| cells.draw(shape, canvas));
    cells.into_text()
}

impl Cells {
    fn draw(&mut self, shape: &Shape, canvas: &Canvas) {
        let theme = canvas.theme;
        match shape {
            Shape::Text { text, align, at, .. } => self.text(text, *align, *at),
            Shape::Rect { color, .. } if *color == theme.grid => {}
            &Shape::Rect { from, to, .. } if to.0 - from.0 < THIN || to.1 - from.1 < THIN => self.rule(from, to),
            &Shape::Rect { from, to, color } => self.shade(from, to, contrast(color, theme.page)),
            &Shape::Frame { from, to, .. } => self.frame(from, to),
            Shape::Line { points, dash: None, .. } => self.curve(points),
            Shape::Line { points, dash: Some((on, off)), .. } => {
                // gaps of at least one cell, so that they are visible
                dashes(points, *on, off.max(CELL.0)).iter().for_each(|dash| self.curve(dash));
            }
            Shape::Polygon { points, .. } if points.len() == 3 => {
                let (tip, a, b) = (points[0], points[1], points[2]);
                let (dx, dy) = (tip.0 - (a.0 + b.0) / 2.0, tip.1 - (a.1 + b.1) / 2.0);
                let head = match dx.abs() > dy.abs() {
                    true if dx > 0.0 => '▶',
                    true => '◀',
                    false if dy > 0.0 => '▼',
                    false => '▲',
                };
                self.put((tip.0 - dx / 2.0, tip.1 - dy / 2.0), head);
            }
            Shape::Polygon { points, .. } => {
                let closed: Vec<Point> = points.iter().chain(points.first()).copied().collect();
                self.curve(&closed);
            }
            &Shape::Disc { center, radius, .. } if radius >= 4.0 => self.put(center, '●'),
            &Shape::Disc { center, .. } => self.dot(center),
            &Shape::Marker { kind, center, .. } => self.put(center, sign(kind)),
        }
    }

    fn at(&self, (x, y): Point) -> Option<usize> {
        let (column, row) = ((x / CELL.0).floor(), (y / CELL.1).floor());
        let inside = (0.0..self.columns as f64).contains(&column) && (0.0..self.rows as f64).contains(&row);
        inside.then(|| row as usize * self.columns + column as usize)
    }

    fn put(&mut self, at: Point, letter: char) {
        if let Some(at) = self.at(at) {
            self.letters[at] = Some(letter);
        }
    }

    fn text(&mut self, text: &str, align: Align, (x, y): Point) {
        let width = text.chars().count() as f64 * CELL.0;
        let left = match align {
            Align::Left => x,
            Align::Center => x - width / 2.0,
            Align::Right => x - width,
        };
        // the middle of a character is above its baseline
        let (left, y) = ((left / CELL.0).round() * CELL.0 + CELL.0 / 2.0, y - 7.0);
        for (i, letter) in text.chars().enumerate() {
            self.put((left + i as f64 * CELL.0, y), if letter.is_control() { '\u{fffd}' } else { letter });
        }
    }

    fn rule(&mut self, from: Point, to: Point) {
        let is_level = to.0 - from.0 > to.1 - from.1;
        let (start, end, step) = if is_level { (from.0, to.0, CELL.0) } else { (from.1, to.1, CELL.1) };
        if !is_level && end - start < CELL.1 / 2.0 {
            return; // an axis tick
        }
        let mut way = start;
        while way < end {
            let at = if is_level { (way, from.1) } else { (from.0, way) };
            self.put(at, if is_level { '─' } else { '│' });
            way += step;
        }
    }

    fn shade(&mut self, from: Point, to: Point, contrast: f64) {
        let shade = match contrast {
            c if c < 0.12 => return,
            c if c < 0.3 => '░',
            c if c < 0.5 => '▒',
            c if c < 0.7 => '▓',
            _ => '█',
        };
        let cells = |from: f64, to: f64, cell: f64| {
            let first = (from / cell).round();
            let count = ((to / cell).round() - first).max(1.0) as usize;
            (0..count).map(move |i| (first + i as f64 + 0.5) * cell)
        };
        for y in cells(from.1, to.1, CELL.1) {
            cells(from.0, to.0, CELL.0).for_each(|x| self.put((x, y), shade));
        }
    }

    /// Draws a frame and clears its interior.
    fn frame(&mut self, from: Point, to: Point) {
        let cell = |(x, y): Point| ((x / CELL.0).floor(), (y / CELL.1).floor());
        let ((left, top), (right, bottom)) = (cell(from), cell((to.0 - 1.0, to.1 - 1.0)));
        for row in top as usize..=(bottom as usize).min(self.rows.saturating_sub(1)) {
            for at in row * self.columns + left as usize..=row * self.columns + (right as usize).min(self.columns - 1) {
                (self.letters[at], self.dots[at]) = (None, 0);
            }
        }
        let mut put = |column: f64, row: f64, letter| {
            self.put(((column + 0.5) * CELL.0, (row + 0.5) * CELL.1), letter);
        };
        if bottom - top < 1.0 {
            put(left, top, '[');
            return put(right, top, ']');
        }
        let between = |from: f64, to: f64| (1..(to - from) as usize).map(move |i| from + i as f64);
        for row in between(top, bottom) {
            put(left, row, '│');
            put(right, row, '│');
        }
        for (row, [first, last]) in [(top, ['╭', '╮']), (bottom, ['╰', '╯'])] {
            between(left, right).for_each(|column| put(column, row, '─'));
            put(left, row, first);
            put(right, row, last);
        }
    }

    fn curve(&mut self, points: &[Point]) {
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (across, up) = ((x1 - x0) / CELL.0 * DOTS.0 as f64, (y1 - y0) / CELL.1 * DOTS.1 as f64);
            let steps = across.abs().max(up.abs()).ceil().clamp(1.0, 1e5);
            for step in 0..=steps as usize {
                let way = step as f64 / steps;
                self.dot((x0 + way * (x1 - x0), y0 + way * (y1 - y0)));
            }
        }
    }

    fn dot(&mut self, point: Point) {
        let Some(at) = self.at(point) else { return };
        let part = |v: f64, cell: f64, dots: usize| ((v / cell).fract() * dots as f64) as usize;
        let (column, row) = (part(point.0, CELL.0, DOTS.0), part(point.1, CELL.1, DOTS.1));
        // the order of Unicode's Braille patterns
        self.dots[at] |= [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]][row.min(3)][column.min(1)];
    }

    fn into_text(self) -> String {
        let mut text = String::new();
        let rows = self.letters.chunks(self.columns).zip(self.dots.chunks(self.columns));
        for (letters, dots) in rows {
            let cell = |(letter, dots): (&Option<char>, &u8)| match (letter, dots) {
                (Some(letter), _) => *letter,
                (None, 0) => ' ',
                (None, &dots) => char::from_u32(0x2800 + u32::from(dots)).expect("all of these are Braille patterns"),
            };
            let line: String = letters.iter().zip(dots).map(cell).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        let lines = text.trim_matches('\n');
        format!("{lines}\n")
    }
}

fn sign(kind: Marker) -> char {
    match kind {
        Marker::Disc => '●',
        Marker::Ring => '○',
        Marker::Square => '□',
        Marker::Triangle => '▲',
        Marker::Diamond => '◆',
        Marker::Cross => '×',
    }
}

/// The difference in brightness between two colours, from 0 to 1.
fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    (crate::theme::brightness(a) - crate::theme::brightness(b)).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::{LABEL, Medium};
    use crate::theme;

    #[test]
    fn shapes_become_characters() {
        let mut canvas = Canvas::new(theme::of(rnn_tools::cli::plot::Theme::Light), Medium::Terminal, (None, None));
        canvas.resize(12.0 * CELL.0, 4.0 * CELL.1, 0.0);
        let ink = canvas.theme.ink;
        canvas.frame((0.0, 0.0), (8.0 * CELL.0, 3.0 * CELL.1), 4.0, (ink, ink));
        canvas.text("a\u{1b}b", LABEL, ink, Align::Left, (2.0 * CELL.0, 1.7 * CELL.1));
        canvas.marker(Marker::Triangle, (10.5 * CELL.0, 0.5 * CELL.1), ink);
        canvas.line(&[(9.0 * CELL.0, 3.9 * CELL.1), (11.9 * CELL.0, 3.9 * CELL.1)], 1.0, ink);
        assert_eq!(render(&canvas), "╭──────╮  ▲\n│ a\u{fffd}b  │\n╰──────╯\n         ⣀⣀⣀\n");
    }
}
