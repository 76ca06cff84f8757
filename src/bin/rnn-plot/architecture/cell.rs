//! Draws the inside of a cell: how its gates compute the new state from the previous state and the input, with the
//! equations of `torch.nn`.

use plotters::style::RGBColor;
use rnn_tools::cli::plot::CellKind;

use crate::canvas::{Align, Canvas, Font, MARGIN, Picture, Point};

const WIDTH: f64 = 1100.0;
/// Corners of the cell, and the distance from its lower edge to the first equation.
const CELL: (Point, Point) = ((150.0, 112.0), (950.0, 458.0));
const EQUATIONS: f64 = 102.0;
/// x coordinates at which the state enters and leaves.
const ENTRY: f64 = 56.0;
const EXIT: f64 = 1040.0;
/// Lines that feed the gates: the previous hidden state, and the input.
const HIDDEN_Y: f64 = 392.0;
const INPUT_Y: f64 = 424.0;
const INPUT_X: f64 = 230.0;
const GATES_Y: f64 = 325.0;
const TOP_Y: f64 = 175.0;

const SYMBOL: Font = Font { size: 20.0, bold: false };
const INDEX: Font = Font { size: 14.0, bold: false };
const EQUATION_ROW: f64 = 40.0;

pub struct CellDiagram(pub CellKind);

impl CellDiagram {
    fn name(&self) -> &'static str {
        match self.0 {
            CellKind::Lstm => "Long short-term memory",
            CellKind::Gru => "Gated recurrent unit",
            CellKind::Rnn => "Elman network",
        }
    }

    /// How much shorter than the others the diagram is, in pixels.
    fn shift(&self) -> f64 {
        if self.0 == CellKind::Rnn { 150.0 } else { 0.0 }
    }

    fn source(&self) -> &'static str {
        match self.0 {
            CellKind::Lstm => "Hochreiter and Schmidhuber 1997",
            CellKind::Gru => "Cho et al. 2014",
            CellKind::Rnn => "Elman 1990",
        }
    }

    /// Equations and their meanings; `_` makes a subscript of the character or `{group}` after it.
    fn equations(&self) -> &'static [(&'static str, &'static str)] {
        match self.0 {
            CellKind::Lstm => &[
                ("i_t = σ(W_{ii} x_t + b_{ii} + W_{hi} h_{t−1} + b_{hi})", "input gate: how much is written"),
                ("f_t = σ(W_{if} x_t + b_{if} + W_{hf} h_{t−1} + b_{hf})", "forget gate: how much is kept"),
                ("g_t = tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t−1} + b_{hg})", "cell gate: what is written"),
                ("o_t = σ(W_{io} x_t + b_{io} + W_{ho} h_{t−1} + b_{ho})", "output gate: how much is output"),
                ("c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t", "cell state"),
                ("h_t = o_t ⊙ tanh(c_t)", "hidden state: also the output"),
            ],
            CellKind::Gru => &[
                ("r_t = σ(W_{ir} x_t + b_{ir} + W_{hr} h_{t−1} + b_{hr})", "reset gate"),
                ("z_t = σ(W_{iz} x_t + b_{iz} + W_{hz} h_{t−1} + b_{hz})", "update gate: how much is kept"),
                ("n_t = tanh(W_{in} x_t + b_{in} + r_t ⊙ (W_{hn} h_{t−1} + b_{hn}))", "new gate: what is added"),
                ("h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}", "hidden state: also the output"),
            ],
            CellKind::Rnn => &[
                ("h_t = tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t−1} + b_{hh})", "hidden state: also the output"),
                ("h_t = max(W_{ih} x_t + b_{ih} + W_{hh} h_{t−1} + b_{hh}, 0)", "the same with ReLU"),
            ],
        }
    }
}

impl Picture for CellDiagram {
    fn title(&self) -> String {
        format!("{} ({})", self.name(), self.source())
    }

    fn draw(&self, canvas: &mut Canvas) {
        let shift = self.shift();
        let mut y = CELL.1.1 - shift + EQUATIONS;
        canvas.size = (WIDTH, y + self.equations().len() as f64 * EQUATION_ROW);
        canvas.heading(self.name(), self.source(), WIDTH - MARGIN);
        let theme = canvas.theme;
        canvas.frame(CELL.0, (CELL.1.0, CELL.1.1 - shift), 18.0, theme.plain);
        let mut diagram = Diagram { canvas, shift };
        match self.0 {
            CellKind::Lstm => diagram.lstm(),
            CellKind::Gru => diagram.gru(),
            CellKind::Rnn => diagram.rnn(),
        }
        for (equation, meaning) in self.equations() {
            formula(canvas, equation, (MARGIN + 20.0, y));
            canvas.text(meaning, SYMBOL, theme.quiet, Align::Left, (MARGIN + 640.0, y));
            y += EQUATION_ROW;
        }
    }
}

/// Draws the parts of a diagram.
struct Diagram<'a> {
    canvas: &'a mut Canvas,
    /// Everything is moved up by this many pixels.
    shift: f64,
}

impl Diagram<'_> {
    fn moved(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|&(x, y)| (x, y - self.shift)).collect()
    }

    fn wire(&mut self, points: &[Point]) {
        self.canvas.line(&self.moved(points), 2.0, self.canvas.theme.quiet);
    }

    fn arrow(&mut self, points: &[Point]) {
        self.canvas.arrow(&self.moved(points), self.canvas.theme.quiet);
    }

    /// A branch in a wire.
    fn joint(&mut self, (x, y): Point) {
        self.canvas.disc((x, y - self.shift), 4.0, self.canvas.theme.quiet);
    }

    /// A layer with weights and its activation function.
    fn gate(&mut self, function: &str, at: Point) {
        self.node(function, at, (36.0, 22.0), 8.0, self.canvas.theme.recurrent);
    }

    /// A function without weights.
    fn function(&mut self, name: &str, at: Point) {
        self.node(name, at, (32.0, 17.0), 17.0, self.canvas.theme.embedding);
    }

    /// An elementwise operation.
    fn operation(&mut self, sign: &str, at: Point) {
        self.node(sign, at, (17.0, 17.0), 17.0, self.canvas.theme.dense);
    }

    fn node(&mut self, text: &str, (x, y): Point, half: Point, radius: f64, colors: (RGBColor, RGBColor)) {
        let y = y - self.shift;
        self.canvas.frame((x - half.0, y - half.1), (x + half.0, y + half.1), radius, colors);
        self.canvas.text(text, SYMBOL, self.canvas.theme.ink, Align::Center, (x, y + 7.0));
    }

    fn symbol(&mut self, text: &str, (x, y): Point) {
        formula(self.canvas, text, (x, y - self.shift));
    }

    /// The line of the input, with an arrow up into each gate.
    fn input(&mut self, gates: &[f64]) {
        let Some(&last) = gates.last() else { return };
        self.wire(&[(INPUT_X, 500.0), (INPUT_X, INPUT_Y), (last, INPUT_Y)]);
        for &x in gates {
            self.arrow(&[(x, INPUT_Y), (x, GATES_Y + 23.0)]);
            if x != last {
                self.joint((x, INPUT_Y));
            }
        }
        self.symbol("x_t", (INPUT_X + 14.0, 500.0));
    }

    /// The line of the previous hidden state, from `start`, with an arrow up into each gate.
    fn hidden(&mut self, start: &[Point], gates: &[f64]) {
        let Some(&last) = gates.last() else { return };
        let mut way = start.to_vec();
        way.push((last, HIDDEN_Y));
        self.wire(&way);
        for &x in gates {
            self.arrow(&[(x, HIDDEN_Y), (x, GATES_Y + 23.0)]);
            if x != last {
                self.joint((x, HIDDEN_Y));
            }
        }
    }

    /// The new hidden state, to the next step and to the layer above.
    fn output(&mut self, y: f64) {
        self.joint((1000.0, y));
        self.arrow(&[(1000.0, y), (1000.0, y - 74.0)]);
        self.arrow(&[(CELL.1.0, y), (EXIT, y)]);
    }

    fn lstm(&mut self) {
        let [f, i, g, o] = [300.0, 430.0, 560.0, 700.0];
        let (write_y, show) = (248.0, (830.0, 325.0));
        let beside = |gates: [f64; 4], shift: f64| gates.map(|x| x + shift);
        self.hidden(&[(ENTRY, HIDDEN_Y)], &beside([f, i, g, o], -12.0));
        self.input(&beside([f, i, g, o], 12.0));
        self.symbol("h_{t−1}", (ENTRY, HIDDEN_Y - 14.0));
        // cell state
        self.arrow(&[(ENTRY, TOP_Y), (EXIT, TOP_Y)]);
        self.symbol("c_{t−1}", (ENTRY, TOP_Y - 14.0));
        self.symbol("c_t", (EXIT - 68.0, TOP_Y - 14.0));
        self.arrow(&[(f, GATES_Y), (f, TOP_Y + 18.0)]);
        self.symbol("f_t", (f + 10.0, 285.0));
        self.arrow(&[(i, GATES_Y), (i, write_y), (g - 18.0, write_y)]);
        self.symbol("i_t", (i + 10.0, 285.0));
        self.arrow(&[(g, GATES_Y), (g, write_y + 18.0)]);
        self.symbol("g_t", (g + 24.0, 293.0));
        self.arrow(&[(g, write_y), (g, TOP_Y + 18.0)]);
        // hidden state
        self.arrow(&[(o, GATES_Y), (show.0 - 18.0, show.1)]);
        self.symbol("o_t", (o + 50.0, GATES_Y - 12.0));
        self.joint((show.0, TOP_Y));
        self.arrow(&[(show.0, TOP_Y), (show.0, show.1 - 18.0)]);
        self.wire(&[show, (show.0, HIDDEN_Y), (CELL.1.0, HIDDEN_Y)]);
        self.output(HIDDEN_Y);
        self.symbol("h_t", (EXIT - 26.0, HIDDEN_Y + 34.0));
        for (x, function) in [(f, "σ"), (i, "σ"), (g, "tanh"), (o, "σ")] {
            self.gate(function, (x, GATES_Y));
        }
        self.function("tanh", (show.0, 245.0));
        for (sign, at) in [("×", (f, TOP_Y)), ("+", (g, TOP_Y)), ("×", (g, write_y)), ("×", show)] {
            self.operation(sign, at);
        }
    }

    fn gru(&mut self) {
        let [r, z, n] = [320.0, 480.0, 700.0];
        let (top_y, reset_y, mix_y) = (150.0, 252.0, 210.0);
        let rest = 590.0;
        self.joint((190.0, top_y));
        self.hidden(&[(190.0, top_y), (190.0, HIDDEN_Y)], &[r - 12.0, z - 12.0]);
        self.input(&[r + 12.0, z + 12.0, n]);
        self.arrow(&[(ENTRY, top_y), (EXIT, top_y)]);
        self.symbol("h_{t−1}", (ENTRY, top_y - 14.0));
        // new gate: the reset gate scales the previous hidden state
        self.joint((r, top_y));
        self.arrow(&[(r, top_y), (r, reset_y - 18.0)]);
        self.arrow(&[(r, GATES_Y), (r, reset_y + 18.0)]);
        self.symbol("r_t", (r + 12.0, 292.0));
        self.arrow(&[(r, reset_y), (rest, reset_y), (rest, GATES_Y), (n - 37.0, GATES_Y)]);
        // update gate: how much of the previous state is kept
        self.arrow(&[(z, GATES_Y), (z, top_y + 18.0)]);
        self.symbol("z_t", (z + 12.0, 292.0));
        self.joint((z, mix_y));
        self.arrow(&[(z, mix_y), (n - 18.0, mix_y)]);
        self.arrow(&[(n, GATES_Y), (n, mix_y + 18.0)]);
        self.symbol("n_t", (n + 12.0, 276.0));
        self.arrow(&[(n, mix_y), (n, top_y + 18.0)]);
        self.output(top_y);
        self.symbol("h_t", (EXIT - 26.0, top_y + 34.0));
        for (x, function) in [(r, "σ"), (z, "σ"), (n, "tanh")] {
            self.gate(function, (x, GATES_Y));
        }
        self.function("1 −", (rest, mix_y));
        for (sign, at) in [("×", (r, reset_y)), ("×", (z, top_y)), ("×", (n, mix_y)), ("+", (n, top_y))] {
            self.operation(sign, at);
        }
    }

    fn rnn(&mut self) {
        let x = 550.0;
        self.hidden(&[(ENTRY, HIDDEN_Y)], &[x - 12.0]);
        self.symbol("h_{t−1}", (ENTRY, HIDDEN_Y - 14.0));
        self.input(&[x + 12.0]);
        self.wire(&[(x, GATES_Y), (CELL.1.0, GATES_Y)]);
        self.output(GATES_Y);
        self.symbol("h_t", (EXIT - 26.0, GATES_Y + 34.0));
        self.gate("tanh", (x, GATES_Y));
    }
}

/// Writes a formula that starts at `at`; `_` precedes a subscript.
fn formula(canvas: &mut Canvas, text: &str, (mut x, y): Point) {
    let ink = canvas.theme.ink;
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find('_').unwrap_or(rest.len()));
        canvas.text(run.trim_end_matches(' '), SYMBOL, ink, Align::Left, (x, y));
        x += canvas.width(SYMBOL, run);
        let Some(after) = after.strip_prefix('_') else { break };
        let (index, after) = match after.strip_prefix('{').and_then(|group| group.split_once('}')) {
            Some(group) => group,
            None => after.split_at(after.chars().next().map_or(0, char::len_utf8)),
        };
        canvas.text(index, INDEX, ink, Align::Left, (x + 1.0, y + 5.0));
        x += canvas.width(INDEX, index) + 2.0;
        rest = after;
    }
}
