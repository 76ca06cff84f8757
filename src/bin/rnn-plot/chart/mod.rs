//! Charts: axes, lines and the legend.

mod legend;
mod panel;
mod scale;
mod series;

pub use legend::{Entry, Legend, title_width};
pub use panel::{Panel, Plot, perplexities};
pub use scale::Scale;
pub use series::{Series, Style};
