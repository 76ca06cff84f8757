//! The GRU.

use std::ops::Range;

use super::Layer;
use super::products::Products;
use crate::engine::state::{Place, State, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::for_every_isa;
use crate::simd::math::{sigmoid, tanh};

pub struct Gru {
    products: Products,
    hidden: Range<usize>,
}

impl Gru {
    pub fn load(block: &Block, place: Place, tensors: &Tensors) -> Result<Self> {
        Ok(Self { products: Products::load_separate(block, place.output.clone(), tensors)?, hidden: place.output })
    }
}

impl Layer for Gru {
    fn step(&self, states: &mut [&mut State], work: &mut Workspace) {
        self.products.separate(states, work, |state, gates, recurrent| {
            gru(gates, recurrent, &mut state[self.hidden.clone()]);
        });
    }
}

for_every_isa! {
    /// Computes a step (Cho et al. 2014), with the reset gate applied after the product. `gates` and `recurrent`: r, z,
    /// n, each (size)
    fn gru(gates: &[f32], recurrent: &[f32], hidden: &mut [f32])
    {
        let size = hidden.len();
        let (r, rest) = gates.split_at(size);
        let (z, n) = rest.split_at(size);
        let (r_h, rest) = recurrent.split_at(size);
        let (z_h, n_h) = rest.split_at(size);
        let (n, n_h) = (&n[..size], &n_h[..size]);
        for k in 0..size {
            let reset = sigmoid(r[k] + r_h[k]);
            let update = sigmoid(z[k] + z_h[k]);
            let new = tanh(n[k] + reset * n_h[k]);
            hidden[k] = (1.0 - update) * new + update * hidden[k];
        }
    }
}
