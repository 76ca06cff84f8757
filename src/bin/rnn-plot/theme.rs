//! Colours. Series differ in hue, brightness, markers and dashes, so that they can be told apart with any colour
//! vision.

use plotters::style::RGBColor;
use rnn_tools::cli::plot;

pub struct Theme {
    pub page: RGBColor,
    /// Titles and names.
    pub ink: RGBColor,
    /// Labels and notes.
    pub quiet: RGBColor,
    pub grid: RGBColor,
    pub axis: RGBColor,
    /// Colours of series; the first two are for training and validation.
    pub series: [RGBColor; 6],
    /// Fill and outline of layers with weights, by their kind.
    pub embedding: (RGBColor, RGBColor),
    pub recurrent: (RGBColor, RGBColor),
    pub dense: (RGBColor, RGBColor),
    /// Fill and outline of everything without weights.
    pub plain: (RGBColor, RGBColor),
    /// The ends of the scale of signed values, whose middle is the page colour.
    pub negative: RGBColor,
    pub positive: RGBColor,
}

const fn rgb(hex: u32) -> RGBColor {
    RGBColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

static LIGHT: Theme = Theme {
    page: rgb(0xffffff),
    ink: rgb(0x1f2328),
    quiet: rgb(0x59636e),
    grid: rgb(0xe7eaee),
    axis: rgb(0x9aa4af),
    series: [rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0x9b3f86), rgb(0x1f2328), rgb(0xb8860b)],
    embedding: (rgb(0xe3f3ec), rgb(0x009e73)),
    recurrent: (rgb(0xe2eff8), rgb(0x0072b2)),
    dense: (rgb(0xfcebe0), rgb(0xd55e00)),
    plain: (rgb(0xf4f6f8), rgb(0x9aa4af)),
    negative: rgb(0x2b7bba),
    positive: rgb(0xe07b2c),
};

static DARK: Theme = Theme {
    page: rgb(0x14181d),
    ink: rgb(0xf0f3f6),
    quiet: rgb(0xa3aeba),
    grid: rgb(0x2a3038),
    axis: rgb(0x6b7682),
    series: [rgb(0x56b4e9), rgb(0xf0902e), rgb(0x2bbd92), rgb(0xd991c4), rgb(0xf0f3f6), rgb(0xe8c547)],
    embedding: (rgb(0x153229), rgb(0x2bbd92)),
    recurrent: (rgb(0x16303f), rgb(0x56b4e9)),
    dense: (rgb(0x3b2717), rgb(0xf0902e)),
    plain: (rgb(0x20262d), rgb(0x6b7682)),
    negative: rgb(0x3f8fd0),
    positive: rgb(0xd9772b),
};

pub fn of(theme: plot::Theme) -> &'static Theme {
    match theme {
        plot::Theme::Light => &LIGHT,
        plot::Theme::Dark => &DARK,
    }
}

impl Theme {
    /// The colour for a value from -1 to 1.
    pub fn signed(&self, value: f64) -> RGBColor {
        let end = if value < 0.0 { self.negative } else { self.positive };
        mix(self.page, end, value.abs().min(1.0))
    }

    /// The text colour for a background colour.
    pub fn ink_on(&self, color: RGBColor) -> RGBColor {
        let [light, dark] = [&DARK.ink, &LIGHT.ink];
        if brightness(color) > 0.5 { *dark } else { *light }
    }
}

/// The colour `fraction` of the way between two colours.
pub fn mix(from: RGBColor, to: RGBColor, fraction: f64) -> RGBColor {
    let between = |a: u8, b: u8| (f64::from(a) + fraction * (f64::from(b) - f64::from(a))).round() as u8;
    RGBColor(between(from.0, to.0), between(from.1, to.1), between(from.2, to.2))
}

/// The perceived brightness, from 0 to 1.
pub fn brightness(RGBColor(r, g, b): RGBColor) -> f64 {
    (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)) / 255.0
}
