//! Weights as 8-bit integers with one scale per row: a quarter of the size, and nearly the same model.
//!
//! In a model file, such a matrix is stored as a tensor of integers under its own name and a tensor of floats, one per
//! row, with the suffix `.scale`. Each weight is an integer between -127 and 127 times the scale of its row.

use safetensors::tensor::Dtype;

use crate::container::TensorData;
use crate::simd::ROUND;

/// Returns the name of the tensor that contains the row scales of tensor `name`.
pub fn scale_tensor(name: &str) -> String {
    format!("{name}.scale")
}

/// Rounds a row of finite numbers to integers from -127 to 127, and returns their scale.
pub fn quantize(row: &[f32], integers: &mut [i8]) -> f32 {
    let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    // The scale of smaller numbers would be subnormal; they are negligible compared with other rows.
    if largest < 127.0 * f32::MIN_POSITIVE {
        integers.fill(0);
        return 0.0;
    }
    // The bound keeps 128 times the scale finite.
    let (scale, factor) = ((largest / 127.0).min(f32::MAX / 128.0), 127.0 / largest);
    for (integer, x) in integers.iter_mut().zip(row) {
        *integer = ((x * factor + ROUND) - ROUND) as i8;
    }
    scale
}

/// Returns the stored form of a tensor: matrices as integers, everything else unchanged.
pub fn entries(name: &str, shape: Vec<usize>, data: &[f32]) -> Vec<TensorData> {
    let [rows, columns] = shape[..] else { return vec![TensorData::f32(name, shape, data)] };
    let mut integers = vec![0; data.len()];
    let rows_of = data.chunks_exact(columns).zip(integers.chunks_exact_mut(columns));
    let scales: Vec<f32> = rows_of.map(|(row, integers)| quantize(row, integers)).collect();
    let data = integers.into_iter().map(|integer| integer as u8).collect();
    vec![
        TensorData::f32(scale_tensor(name), vec![rows], &scales),
        TensorData { name: name.into(), dtype: Dtype::I8, shape, data },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_weight_is_127_and_errors_are_at_most_half_a_step() {
        let row = [0.1, -0.75, 0.0, 3e-3, 0.74];
        let mut integers = [0; 5];
        let scale = quantize(&row, &mut integers);
        assert_eq!(integers[1], -127);
        assert!(row.iter().zip(integers).all(|(x, i)| (x - f32::from(i) * scale).abs() <= 0.5001 * scale));
    }

    #[test]
    fn rows_of_tiny_and_of_the_largest_numbers_stay_finite() {
        for row in [[0.0, -0.0], [1e-44, 1e-45], [f32::MAX, f32::MIN]] {
            let mut integers = [9; 2];
            let scale = quantize(&row, &mut integers);
            assert!(integers.iter().all(|i| (f32::from(*i) * scale).is_finite()), "{row:?} {integers:?} {scale}");
        }
    }
}
