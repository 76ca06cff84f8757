//! Presets: named settings in TOML, in the format that `rnn-train --config` reads.

use serde_json::{Map, Value};

use super::Settings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Small,
    Classic,
    Char,
    Awd,
}

impl Preset {
    pub const ALL: [Self; 4] = [Self::Small, Self::Classic, Self::Char, Self::Awd];
}

impl Settings {
    /// Returns the settings of a preset: those of `classic`, overridden by its own.
    pub fn preset(preset: Preset) -> Self {
        let classic = serde_json::from_value(Value::Object(read(include_str!("presets/classic.toml"))));
        let classic: Self = classic.expect("the classic preset has every setting");
        let text = match preset {
            Preset::Classic => return classic,
            Preset::Small => include_str!("presets/small.toml"),
            Preset::Char => include_str!("presets/char.toml"),
            Preset::Awd => include_str!("presets/awd.toml"),
        };
        classic.with_values(read(text)).expect("a preset has valid settings")
    }
}

fn read(text: &str) -> Map<String, Value> {
    toml::from_str(text).expect("a preset is valid TOML")
}
