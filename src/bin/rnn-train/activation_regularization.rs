//! Activation regularization and temporal activation regularization.

use rnn_tools::settings::Settings;
use tch::{Kind, Tensor};

/// Returns activation regularization of the output layer's input `features` plus temporal activation regularization of
/// the `last` layer (Merity, McCann and Socher 2017); None if both are off. `last`: (time, batch, size)
pub fn penalty(features: &Tensor, last: &Tensor, settings: &Settings) -> Option<Tensor> {
    let activation =
        (settings.activation_penalty > 0.0).then(|| features.square().mean(Kind::Float) * settings.activation_penalty);
    let time = last.size()[0];
    let temporal = (settings.temporal_penalty > 0.0 && time > 1).then(|| {
        let change = last.narrow(0, 1, time - 1) - last.narrow(0, 0, time - 1);
        change.square().mean(Kind::Float) * settings.temporal_penalty
    });
    match (activation, temporal) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::settings::Preset;

    use super::*;

    #[test]
    fn penalties_are_those_of_the_paper() {
        let settings = Settings { activation_penalty: 2.0, temporal_penalty: 3.0, ..Settings::preset(Preset::Small) };
        let x = Tensor::from_slice(&[1f32, 2.0, 4.0, 0.0]).view([2, 1, 2]);
        let found = penalty(&x, &x, &settings).unwrap();
        let expected = 2.0 * (1.0 + 4.0 + 16.0) / 4.0 + 3.0 * (9.0 + 4.0) / 2.0;
        assert!((f64::try_from(found).unwrap() - expected).abs() < 1e-5);
        assert!(penalty(&x, &x, &Settings { activation_penalty: 0.0, temporal_penalty: 0.0, ..settings }).is_none());
    }
}
