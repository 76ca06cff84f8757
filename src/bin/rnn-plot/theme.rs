//! Colours. The two series are blue and orange of nearly equal contrast to the page, which every kind of
//! colour vision tells apart; dashes and markers say it again.

use plotters::style::RGBColor;
use rnn_tools::cli::plot;

pub struct Theme {
    pub page: RGBColor,
    /// Titles and names.
    pub ink: RGBColor,
    /// Labels and everything that explains.
    pub quiet: RGBColor,
    pub grid: RGBColor,
    pub axis: RGBColor,
    pub training: RGBColor,
    pub validation: RGBColor,
    /// Fill and outline of a layer that learns, by what it is.
    pub embedding: (RGBColor, RGBColor),
    pub lstm: (RGBColor, RGBColor),
    pub dense: (RGBColor, RGBColor),
    /// Of everything that has no weights.
    pub plain: (RGBColor, RGBColor),
}

const fn rgb(hex: u32) -> RGBColor {
    RGBColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Theme = Theme {
    page: rgb(0xffffff),
    ink: rgb(0x1f2328),
    quiet: rgb(0x59636e),
    grid: rgb(0xe7eaee),
    axis: rgb(0x9aa4af),
    training: rgb(0x0072b2),
    validation: rgb(0xd55e00),
    embedding: (rgb(0xe3f3ec), rgb(0x009e73)),
    lstm: (rgb(0xe2eff8), rgb(0x0072b2)),
    dense: (rgb(0xfcebe0), rgb(0xd55e00)),
    plain: (rgb(0xf4f6f8), rgb(0x9aa4af)),
};

const DARK: Theme = Theme {
    page: rgb(0x14181d),
    ink: rgb(0xf0f3f6),
    quiet: rgb(0xa3aeba),
    grid: rgb(0x2a3038),
    axis: rgb(0x6b7682),
    training: rgb(0x56b4e9),
    validation: rgb(0xf0902e),
    embedding: (rgb(0x153229), rgb(0x2bbd92)),
    lstm: (rgb(0x16303f), rgb(0x56b4e9)),
    dense: (rgb(0x3b2717), rgb(0xf0902e)),
    plain: (rgb(0x20262d), rgb(0x6b7682)),
};

pub fn of(theme: plot::Theme) -> &'static Theme {
    match theme {
        plot::Theme::Light => &LIGHT,
        plot::Theme::Dark => &DARK,
    }
}
