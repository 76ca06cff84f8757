//! Label placement on a map: each label takes the first free position beside its point.

use crate::canvas::Point;

/// Side of the grid's squares, in pixels.
const SQUARE: f64 = 4.0;

pub struct LabelLayout {
    from: Point,
    to: Point,
    columns: usize,
    taken: Vec<bool>,
}

impl LabelLayout {
    pub fn new(from: Point, to: Point) -> Self {
        let squares = |length: f64| (length / SQUARE).ceil().max(1.0) as usize + 1;
        let (columns, rows) = (squares(to.0 - from.0), squares(to.1 - from.1));
        Self { from, to, columns, taken: vec![false; columns * rows] }
    }

    fn squares(&self, from: Point, to: Point) -> impl Iterator<Item = usize> + use<> {
        let index = |v: f64, start: f64| ((v - start) / SQUARE).floor().max(0.0) as usize;
        let rows = index(from.1, self.from.1)..=index(to.1, self.from.1);
        let columns = (index(from.0, self.from.0), index(to.0, self.from.0));
        let (width, end) = (self.columns, self.taken.len());
        rows.flat_map(move |row| (columns.0..=columns.1).map(move |column| row * width + column))
            .filter(move |&at| at < end)
    }

    pub fn take(&mut self, from: Point, to: Point) {
        for at in self.squares(from, to) {
            self.taken[at] = true;
        }
    }

    fn is_free(&self, from: Point, to: Point) -> bool {
        let inside = from.0 >= self.from.0 && from.1 >= self.from.1 && to.0 <= self.to.0 && to.1 <= self.to.1;
        inside && self.squares(from, to).all(|at| !self.taken[at])
    }

    /// Reserves a rectangle beside a point, `gap` pixels from it, and returns its upper left corner.
    pub fn beside(&mut self, (x, y): Point, (width, height): (f64, f64), gap: f64) -> Option<Point> {
        let gap = gap + SQUARE;
        let (left, right, above, below) = (x - gap - width, x + gap, y - gap - height, y + gap);
        let (center, middle) = (x - width / 2.0, y - height / 2.0);
        let corners = [
            (right, middle),
            (left, middle),
            (center, above),
            (center, below),
            (right, above),
            (right, below),
            (left, above),
            (left, below),
        ];
        let corner = corners.into_iter().find(|&corner| self.is_free(corner, (corner.0 + width, corner.1 + height)))?;
        self.take(corner, (corner.0 + width, corner.1 + height));
        Some(corner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_avoid_each_other_and_the_edges() {
        let mut room = LabelLayout::new((0.0, 0.0), (200.0, 60.0));
        let size = (60.0, 16.0);
        let first = room.beside((100.0, 30.0), size, 4.0).unwrap();
        assert!(first.0 > 100.0 && first.1 == 22.0);
        let second = room.beside((100.0, 30.0), size, 4.0).unwrap();
        assert!(second.0 + 60.0 < 100.0);
        let at_the_edge = room.beside((195.0, 10.0), size, 4.0);
        assert!(at_the_edge.is_none_or(|(x, y)| x + 60.0 <= 200.0 && y >= 0.0));
        let all: Vec<Point> = std::iter::from_fn(|| room.beside((100.0, 30.0), size, 4.0)).collect();
        assert!(all.len() < 8, "too many labels: {all:?}");
    }
}
