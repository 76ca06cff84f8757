//! Rows of numbers, in a form that compilers turn into vector instructions; the same bits on every machine.

const LANES: usize = 16;

pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// y += a x
pub fn add(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_the_plain_loop_at_every_length() {
        for length in [0, 1, 15, 16, 17, 47] {
            let a: Vec<f32> = (0..length).map(|i| (i % 5) as f32).collect();
            let b: Vec<f32> = (0..length).map(|i| (i % 3) as f32).collect();
            assert_eq!(dot(&a, &b), a.iter().zip(&b).map(|(a, b)| a * b).sum::<f32>());
            let mut y = a.clone();
            add(&mut y, 2.0, &b);
            assert!(y.iter().zip(a.iter().zip(&b)).all(|(y, (a, b))| *y == a + 2.0 * b));
        }
    }
}
