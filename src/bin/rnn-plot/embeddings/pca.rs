//! Principal component analysis: projection onto the two directions of greatest variance (Pearson 1901).

use crate::canvas::Point;

/// The maximum number of power iterations; they stop earlier once the direction has converged.
const MAX_ITERATIONS: usize = 200;
const TOLERANCE: f64 = 1e-10;

pub struct Plane {
    /// The projection of each vector.
    pub points: Vec<Point>,
    /// Fractions of the variance along the two directions.
    pub explained_variance: (f64, f64),
}

pub fn plane(vectors: &[&[f32]]) -> Plane {
    let (number, size) = (vectors.len(), vectors.first().map_or(0, |vector| vector.len()));
    let mut mean = vec![0.0; size];
    vectors
        .iter()
        .for_each(|vector| mean.iter_mut().zip(*vector).for_each(|(m, &x)| *m += f64::from(x) / number as f64));
    let mut rows: Vec<Vec<f64>> =
        vectors.iter().map(|vector| vector.iter().zip(&mean).map(|(&x, m)| f64::from(x) - m).collect()).collect();
    let total: f64 = rows.iter().flatten().map(|x| x * x).sum::<f64>().max(1e-300);
    let mut along = |start: usize| {
        let direction = direction(&rows, size, start);
        let points: Vec<f64> = rows.iter().map(|row| dot(row, &direction)).collect();
        for (row, place) in rows.iter_mut().zip(&points) {
            row.iter_mut().zip(&direction).for_each(|(x, d)| *x -= place * d);
        }
        let fraction = points.iter().map(|x| x * x).sum::<f64>() / total;
        (points, fraction)
    };
    let ((x, first), (y, second)) = (along(0), along(1));
    Plane { points: x.into_iter().zip(y).collect(), explained_variance: (first, second) }
}

/// The direction of greatest variance of centred rows, by power iteration. Its largest component is positive, so that a
/// map is the same on every machine.
fn direction(rows: &[Vec<f64>], size: usize, start: usize) -> Vec<f64> {
    // any start that is not orthogonal to the result will do
    let mut direction: Vec<f64> = (0..size).map(|i| 1.0 + ((i * 7919 + start * 104_729) % 101) as f64 / 50.0).collect();
    scale(&mut direction);
    for _ in 0..MAX_ITERATIONS {
        let mut next = vec![0.0; size];
        for row in rows {
            let place = dot(row, &direction);
            next.iter_mut().zip(row).for_each(|(n, x)| *n += place * x);
        }
        scale(&mut next);
        let change = 1.0 - dot(&next, &direction).abs();
        direction = next;
        if change < TOLERANCE {
            break;
        }
    }
    let largest = direction.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(1.0);
    if largest < 0.0 {
        direction.iter_mut().for_each(|x| *x = -*x);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Scales a vector to length 1, unless it is zero.
fn scale(vector: &mut [f64]) {
    let length = dot(vector, vector).sqrt().max(1e-300);
    vector.iter_mut().for_each(|x| *x /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_a_plane_keep_their_distances() {
        // points in a plane in four dimensions, far apart in one direction and close in the other
        let (long, short) = ([0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5]);
        let points: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 8) * 3.0, f64::from(i / 8))).collect();
        let vectors: Vec<Vec<f32>> =
            points.iter().map(|p| (0..4).map(|k| (p.0 * long[k] + p.1 * short[k] + 7.0) as f32).collect()).collect();
        let rows: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
        let plane = plane(&rows);
        assert!(
            (plane.explained_variance.0 + plane.explained_variance.1 - 1.0).abs() < 1e-6
                && plane.explained_variance.0 > 0.9,
            "{:?}",
            plane.explained_variance
        );
        for i in 0..40 {
            for j in 0..40 {
                let far = |a: Point, b: Point| (a.0 - b.0).hypot(a.1 - b.1);
                assert!((far(points[i], points[j]) - far(plane.points[i], plane.points[j])).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn equal_vectors_are_projected_to_one_point() {
        let plane = plane(&[&[1.0, 2.0][..], &[1.0, 2.0], &[1.0, 2.0]]);
        assert!(
            plane.points.iter().all(|p| p.0.abs() < 1e-9 && p.1.abs() < 1e-9) && plane.explained_variance == (0.0, 0.0)
        );
    }
}
