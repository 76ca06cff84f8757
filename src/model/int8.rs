//! Weights as 8-bit integers, with a scale for each row: a quarter of the size, and nearly the same model.

/// The name of the tensor with the scales of the rows of tensor `name`.
pub fn scale_tensor(name: &str) -> String {
    format!("{name}.scale")
}

/// Rounds a row of finite numbers to integers from -127 to 127, and returns what to multiply them with.
pub fn quantise(row: &[f32], integers: &mut [i8]) -> f32 {
    let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let scale = largest / 127.0;
    if scale == 0.0 {
        integers.fill(0);
        return 0.0;
    }
    for (integer, x) in integers.iter_mut().zip(row) {
        *integer = (x / scale).round_ties_even() as i8;
    }
    scale
}
