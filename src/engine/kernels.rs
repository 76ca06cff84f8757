//! The matrix-vector product, where nearly all the time of generation goes.
//!
//! One body in plain Rust is compiled for several instruction sets and chosen at run time. Every sum
//! runs over [`LANES`] accumulators in a fixed order and nothing is contracted to fused
//! multiply-adds, so the result has the same bits whichever is chosen.

const LANES: usize = 16;
/// Rows worked on together: independent sums hide the latency of an addition.
const ROWS: usize = 4;

/// The length of a row of `n` numbers in memory: whole vectors, the rest zero.
pub fn pad(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

/// A row-major matrix whose rows are padded with zeros.
pub struct Matrix {
    /// (rows, stride)
    data: Vec<f32>,
    stride: usize,
}

impl Matrix {
    /// `data`: (rows, columns)
    pub fn new(data: &[f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns);
        let stride = pad(columns);
        let mut padded = vec![0.0; rows * stride];
        for (to, from) in padded.chunks_exact_mut(stride).zip(data.chunks_exact(columns)) {
            to[..columns].copy_from_slice(from);
        }
        Self { data: padded, stride }
    }

    /// A row with its padding.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.stride..][..self.stride]
    }

    /// y = M x. `x`: (stride), `y`: (rows)
    pub fn multiply(&self, x: &[f32], y: &mut [f32]) {
        y.fill(0.0);
        self.multiply_add(x, y);
    }

    /// y += M x. `x`: (stride), `y`: (rows)
    pub fn multiply_add(&self, x: &[f32], y: &mut [f32]) {
        assert_eq!((x.len(), y.len() * self.stride), (self.stride, self.data.len()));
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: each function is called only where the CPU has what it is compiled for.
            if is_x86_feature_detected!("avx512f") {
                return unsafe { multiply_add_avx512(&self.data, x, y) };
            }
            if is_x86_feature_detected!("avx2") {
                return unsafe { multiply_add_avx2(&self.data, x, y) };
            }
        }
        multiply_add(&self.data, x, y);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn multiply_add_avx2(m: &[f32], x: &[f32], y: &mut [f32]) {
    multiply_add(m, x, y);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn multiply_add_avx512(m: &[f32], x: &[f32], y: &mut [f32]) {
    multiply_add(m, x, y);
}

/// `m`: (rows, stride), `x`: (stride), a multiple of LANES, `y`: (rows)
#[inline(always)]
fn multiply_add(m: &[f32], x: &[f32], y: &mut [f32]) {
    let stride = x.len();
    let mut blocks = m.chunks_exact(ROWS * stride);
    let mut sums = y.chunks_exact_mut(ROWS);
    for (block, sum) in blocks.by_ref().zip(sums.by_ref()) {
        let rows: [&[f32]; ROWS] = std::array::from_fn(|r| &block[r * stride..][..stride]);
        let products = dot(rows, x);
        for r in 0..ROWS {
            sum[r] += products[r];
        }
    }
    for (row, sum) in blocks.remainder().chunks_exact(stride).zip(sums.into_remainder()) {
        *sum += dot([row], x)[0];
    }
}

/// The products of some rows with `x`; the same bits for a row however many others are beside it.
#[inline(always)]
fn dot<const N: usize>(rows: [&[f32]; N], x: &[f32]) -> [f32; N] {
    let mut lanes = [[0f32; LANES]; N];
    for (k, xs) in x.chunks_exact(LANES).enumerate() {
        for r in 0..N {
            let row = &rows[r][k * LANES..][..LANES];
            for lane in 0..LANES {
                lanes[r][lane] += row[lane] * xs[lane];
            }
        }
    }
    lanes.map(|mut l| {
        let mut width = LANES / 2;
        while width > 0 {
            for lane in 0..width {
                l[lane] += l[lane + width];
            }
            width /= 2;
        }
        l[0]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Rng;

    fn numbers(n: usize, rng: &mut Rng) -> Vec<f32> {
        (0..n).map(|_| rng.uniform() as f32 * 2.0 - 1.0).collect()
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits_as_one_row_at_a_time() {
        let mut rng = Rng::new(3);
        for (rows, columns) in [(1, 1), (3, 16), (4, 17), (9, 150), (31, 333)] {
            let matrix = Matrix::new(&numbers(rows * columns, &mut rng), rows, columns);
            let mut x = numbers(columns, &mut rng);
            x.resize(pad(columns), 0.0);
            let start = numbers(rows, &mut rng);
            let expected: Vec<f32> = (0..rows).map(|r| start[r] + dot([matrix.row(r)], &x)[0]).collect();
            let run = |f: &dyn Fn(&mut [f32])| {
                let mut y = start.clone();
                f(&mut y);
                y
            };
            assert_eq!(run(&|y| multiply_add(&matrix.data, &x, y)), expected);
            assert_eq!(run(&|y| matrix.multiply_add(&x, y)), expected);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                // SAFETY: detected.
                assert_eq!(run(&|y| unsafe { multiply_add_avx2(&matrix.data, &x, y) }), expected);
            }
        }
    }

    #[test]
    fn agrees_with_a_plain_sum_in_double_precision() {
        let mut rng = Rng::new(4);
        let (rows, columns) = (13, 219);
        let data = numbers(rows * columns, &mut rng);
        let x = numbers(columns, &mut rng);
        let mut padded = x.clone();
        padded.resize(pad(columns), 0.0);
        let mut y = vec![9.0; rows];
        Matrix::new(&data, rows, columns).multiply(&padded, &mut y);
        for (row, sum) in data.chunks_exact(columns).zip(y) {
            let exact: f64 = row.iter().zip(&x).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            assert!((f64::from(sum) - exact).abs() < 1e-5);
        }
    }
}
