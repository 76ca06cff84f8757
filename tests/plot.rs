//! rnn-plot as its users run it: pictures that hold what the data say, and errors that leave nothing behind.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rnn_tools::model::{Config, ModelFile, Training};
use rnn_tools::text::{Style, Tokenizer};
use serde_json::{Value, json};

const HEAD: &str = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n";

/// Drawing units of an SVG to a pixel.
const FINE: f64 = 3.0;

fn plot(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rnn-plot")).args(args).current_dir(folder).output().unwrap()
}

fn plotted(folder: &Path, args: &[&str]) {
    let output = plot(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}

/// Losses that fall, and on the validation part rise again after two thirds of the way.
fn history(epochs: usize) -> String {
    let row = |epoch: usize| {
        let way = epoch as f64 / epochs as f64;
        let (loss, val_loss) = (3.0 + 3.5 * (-4.0 * way).exp(), 4.0 + 2.5 * (-5.0 * way).exp() + (way - 0.66).max(0.0));
        format!("{epoch},{loss},{},{val_loss},{},0.001,{epoch},20000\n", 1.0 / loss, 1.0 / val_loss)
    };
    HEAD.to_string() + &(1..=epochs).map(row).collect::<String>()
}

fn write_model(path: &Path, vocab_size: usize, num_layers: usize, tie_weights: bool, settings: Value) {
    let config =
        Config { vocab_size, embedding_size: 12, hidden_size: 12, num_layers, tie_weights, ..Config::default() };
    let pieces = (0..vocab_size).map(|id| if id == 0 { "<unk>".into() } else { format!("w{id}").into() }).collect();
    let tokenizer = Tokenizer::new(Style::Classic, pieces).unwrap();
    let training = Training { settings, ..Training::default() };
    ModelFile { training, ..ModelFile::random(config, tokenizer, 1) }.write(path).unwrap();
}

struct Bitmap {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

fn bitmap(path: &Path) -> Bitmap {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let pixels = bytes.as_chunks::<3>().0.to_vec();
    Bitmap { width: info.width as usize, height: info.height as usize, pixels }
}

impl Bitmap {
    fn count(&self, color: [u8; 3]) -> usize {
        self.pixels.iter().filter(|&&pixel| pixel == color).count()
    }

    /// Whether nothing is drawn within `margin` pixels of the edge.
    fn has_margin(&self, margin: usize) -> bool {
        let page = self.pixels[0];
        let inside = |at: usize, length: usize| (margin..length - margin).contains(&at);
        self.pixels.iter().enumerate().all(|(i, &pixel)| {
            pixel == page || (inside(i % self.width, self.width) && inside(i / self.width, self.height))
        })
    }
}

/// A text of an SVG and the room it takes, generously estimated.
#[derive(Debug)]
struct Label {
    text: String,
    anchor: (f64, f64),
    x: (f64, f64),
    y: (f64, f64),
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let start = tag.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}")) + name.len() + 3;
    tag[start..].split('"').next().unwrap()
}

fn number(tag: &str, name: &str) -> f64 {
    attribute(tag, name).parse().unwrap()
}

fn tags<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    svg.split('<').filter(|tag| tag.starts_with(&format!("{name} "))).collect()
}

/// Width of a letter in a wide typeface, as a share of the font size.
fn breadth(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | '(' | ')' | '/' | '-' | '’' | '·' => 0.4,
        'm' | 'w' | 'M' | 'W' | '…' | '%' => 1.0,
        _ => 0.64,
    }
}

fn labels(svg: &str) -> Vec<Label> {
    let label = |tag: &&str| {
        let text = tag.split_once('>').unwrap().1.trim().to_string();
        let (x, y, size) = (number(tag, "x"), number(tag, "y"), number(tag, "font-size"));
        let share = if tag.contains("bold") { 1.1 } else { 1.0 };
        let width = share * size * text.chars().map(breadth).sum::<f64>();
        let left = match attribute(tag, "text-anchor") {
            "start" => x,
            "middle" => x - width / 2.0,
            _ => x - width,
        };
        Label { text, anchor: (x, y), x: (left, left + width), y: (y, y + size) }
    };
    tags(svg, "text").iter().map(label).collect()
}

fn assert_labels_are_apart(svg: &str) {
    let (width, height) = (number(svg, "width") * FINE, number(svg, "height") * FINE);
    let all = labels(svg);
    assert!(all.len() > 5);
    for (i, a) in all.iter().enumerate() {
        assert!(a.x.0 >= 0.0 && a.x.1 <= width && a.y.0 >= 0.0 && a.y.1 <= height, "outside: {a:?}");
        for b in &all[i + 1..] {
            let apart = a.x.1 <= b.x.0 || b.x.1 <= a.x.0 || a.y.1 <= b.y.0 || b.y.1 <= a.y.0;
            assert!(apart, "{a:?} runs into {b:?}");
        }
    }
}

#[test]
fn a_history_has_both_lines_in_their_colours_and_a_margin() {
    let folder = tempfile::tempdir().unwrap();
    let light = ("light", [255, 255, 255], [0x00, 0x72, 0xb2], [0xd5, 0x5e, 0x00]);
    let dark = ("dark", [0x14, 0x18, 0x1d], [0x56, 0xb4, 0xe9], [0xf0, 0x90, 0x2e]);
    for (epochs, (theme, page, training, validation)) in [(1, light), (12, dark), (300, light)] {
        fs::write(folder.path().join("history.csv"), history(epochs)).unwrap();
        plotted(folder.path(), &["-q", "history", ".", "-o", "a.png", "--theme", theme]);
        let picture = bitmap(&folder.path().join("a.png"));
        assert_eq!((picture.width, picture.height), (1600, 640));
        assert_eq!(picture.pixels[0], page);
        let ink = picture.pixels.len() - picture.count(page);
        assert!(ink > 10_000 && ink < picture.pixels.len() / 5, "{ink} pixels of ink for {epochs} epochs");
        for color in [training, validation] {
            let least = if epochs > 1 { 2000 } else { 100 };
            assert!(picture.count(color) > least, "{} of {color:?} for {epochs} epochs", picture.count(color));
        }
        assert!(picture.has_margin(16));
    }
}

#[test]
fn words_of_a_history_stay_apart_and_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}.csv", "of-a-book-with-a-long-name-".repeat(8));
    for (name, epochs) in [("a.csv", 1), ("a.csv", 2), ("a.csv", 12), ("a.csv", 500), (long.as_str(), 25_000)] {
        fs::write(folder.path().join(name), history(epochs)).unwrap();
        plotted(folder.path(), &["history", name, "-o", "a.svg", "-q"]);
        assert_labels_are_apart(&fs::read_to_string(folder.path().join("a.svg")).unwrap());
    }
}

#[test]
fn points_lie_where_the_axes_say() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [(1, 6.5, 6.0), (2, 5.0, 5.5), (4, 4.25, 4.75), (7, 3.5, 5.0)];
    let text = rows.map(|(epoch, loss, val_loss)| format!("{epoch},{loss},0.1,{val_loss},0.1,0.1,1,1\n")).concat();
    fs::write(folder.path().join("a.csv"), HEAD.to_string() + &text).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();

    // the axes of the chart on the left, from any two of their numbers
    let left: Vec<Label> = labels(&svg).into_iter().filter(|l| l.anchor.0 < 800.0 * FINE).collect();
    let value = |label: &Label| label.text.parse::<f64>().ok();
    let up: Vec<_> = left.iter().filter(|l| l.text.contains('.')).filter_map(|l| Some((value(l)?, l.y.0))).collect();
    let across: Vec<_> =
        left.iter().filter(|l| !l.text.contains('.')).filter_map(|l| Some((value(l)?, l.anchor.0))).collect();
    let place = |axis: &[(f64, f64)], value: f64| {
        let ((v0, p0), (v1, p1)) = (axis[0], axis[axis.len() - 1]);
        p0 + (value - v0) / (v1 - v0) * (p1 - p0)
    };
    // a number stands a fixed way off its line: the tick at 4.0 tells how far
    let four = up.iter().find(|(v, _)| *v == 4.0).expect("a tick at 4.0").1;
    let line =
        tags(&svg, "rect").into_iter().map(|r| number(r, "y")).filter(|y| (y - four).abs() < 60.0 && *y > 172.0 * FINE);
    let shift = line.map(|y| y - four).next().expect("a grid line at 4.0");

    let discs: HashSet<(i64, i64)> = tags(&svg, "circle")
        .iter()
        .filter(|c| attribute(c, "fill") == "#D55E00")
        .map(|c| (number(c, "cx") as i64, number(c, "cy") as i64))
        .collect();
    for (epoch, _, val_loss) in rows {
        let (x, y) = (place(&across, f64::from(epoch)), place(&up, val_loss) + shift);
        let near = |&&(cx, cy): &&(i64, i64)| (cx as f64 - x).abs() < 6.0 && (cy as f64 - y).abs() < 6.0;
        assert!(discs.iter().find(near).is_some(), "epoch {epoch}: nothing at {x}, {y} among {discs:?}");
    }
    let words: Vec<String> = left.into_iter().map(|l| l.text).collect();
    assert!(words.contains(&"best epoch 4: loss 4.750, perplexity 116".to_string()), "{words:?}");
}

#[test]
fn numbers_that_are_none_leave_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let discs = |rows: &str| {
        fs::write(folder.path().join("a.csv"), HEAD.to_string() + rows).unwrap();
        plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
        plotted(folder.path(), &["history", "a.csv", "-o", "a.png", "-q"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        let small =
            tags(&svg, "circle").into_iter().filter(|c| number(c, "r") == 15.0 && attribute(c, "fill") == "#D55E00");
        (small.count(), svg)
    };
    let row = |epoch: usize, val: &str| format!("{epoch},5,0.2,{val},0.1,0.1,1,1\n");
    // two of the key and the centre of the best, in each chart one for each number
    let (whole, _) = discs(&(row(1, "5") + &row(2, "4.5") + &row(3, "4")));
    let (gap, svg) =
        discs(&(row(1, "5") + &row(2, "NaN") + &row(3, "inf") + &row(4, "-inf") + &row(5, "1e300") + &row(6, "4")));
    assert_eq!(whole, 1 + 3 + 3 + 2);
    assert_eq!(gap, 1 + 2 + 6 + 2);
    assert!(svg.contains("best epoch 6: loss 4.000"));
    let (_, svg) = discs(&row(1, "NaN").replace(",5,", ",nan,"));
    assert!(svg.contains("no finite value") && !svg.contains("best epoch"));
}

#[test]
fn a_history_can_come_from_a_pipe_and_go_into_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rnn-plot"))
        .args(["history", "-", "-o", "-", "--format", "svg"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(history(5).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let svg = String::from_utf8(output.stdout).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>") && svg.contains("standard input"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn names_cannot_break_an_svg() {
    let folder = tempfile::tempdir().unwrap();
    let name = "<b>&\"\u{1}\u{7f}\u{9b}.csv";
    fs::write(folder.path().join(name), history(3)).unwrap();
    plotted(folder.path(), &["history", name, "-o", "a.svg", "-q"]);
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
    assert!(
        !svg.contains(|c: char| c.is_control() && c != '\n') && !svg.contains("<b>") && svg.contains("&lt;b&gt;&amp;")
    );
    plotted(folder.path(), &["history", name, "-o", "a.png", "-q"]);
}

#[test]
fn a_network_is_a_stack_of_boxes_that_do_not_touch() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = 0.0;
    for (layers, tied, vocabulary, settings) in [
        (1, false, 40, json!({})),
        (2, true, 33_278, json!({"dropout_hidden": 0.5, "dropout_output": 0.5, "epochs": 20})),
        (6, false, 40, json!({"dropout_hidden": 0.2, "dropout_output": 0.2})),
        (12, true, 40, json!({"dropout_hidden": 0.2, "dropout_output": 0.2})),
    ] {
        let dropout = settings.get("dropout_output").is_some();
        write_model(&folder.path().join("model.safetensors"), vocabulary, layers, tied, settings);
        plotted(folder.path(), &["architecture", ".", "-o", "a.svg", "-q"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);

        let mut boxes: Vec<(i64, i64)> = tags(&svg, "polygon").iter().filter_map(|tag| wide(tag)).collect();
        boxes.sort();
        boxes.retain({
            let mut bottom = i64::MIN;
            move |&(top, end)| {
                top > bottom && {
                    bottom = end;
                    true
                }
            } // without the fill inside each outline
        });
        assert_eq!(boxes.len(), 3 + layers * (1 + usize::from(dropout)));
        assert!(boxes.windows(2).all(|pair| pair[1].0 - pair[0].1 > 30), "{boxes:?}");

        let words: Vec<String> = labels(&svg).into_iter().map(|l| l.text).collect();
        let count = |text: &str| words.iter().filter(|w| *w == text).count();
        assert_eq!(count("h, c"), layers);
        assert_eq!(count("Dropout"), if dropout { layers } else { 0 });
        assert_eq!(count("tied"), usize::from(tied));
        assert_eq!(count(&format!("LSTM {layers}")), 1);
        if vocabulary == 33_278 {
            // 33,278 × 12 for the embedding, 2 × 1,248 for the layers, a bias of 33,278
            assert_eq!((count("(batch, time, 33,278)"), count("435,110 parameters")), (1, 1));
        }

        plotted(folder.path(), &["architecture", "model.safetensors", "-o", "a.png", "-q"]);
        let picture = bitmap(&folder.path().join("a.png"));
        assert_eq!((picture.width as f64, picture.height as f64), (number(&svg, "width"), number(&svg, "height")));
        assert!(picture.height as f64 > last && picture.has_margin(20));
        last = picture.height as f64;
    }
}

/// Upper and lower edge of a polygon as wide as a layer's box.
fn wide(tag: &str) -> Option<(i64, i64)> {
    let points = attribute(tag, "points").split_whitespace().map(|p| {
        let (x, y) = p.split_once(',').unwrap();
        (x.parse::<i64>().unwrap(), y.parse::<i64>().unwrap())
    });
    let (x, y): (Vec<i64>, Vec<i64>) = points.unzip();
    let width = x.iter().max()? - x.iter().min()?;
    (width > 1500).then_some((*y.iter().min()?, *y.iter().max()?))
}

fn assert_refused(folder: &Path, args: &[&str], status: i32, about: &str) {
    let before = fs::read_dir(folder).unwrap().count();
    let output = plot(folder, args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {stderr}");
    let mut lines = stderr.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("rnn-plot: ") && first.contains(about), "{stderr}");
    assert!(lines.all(|line| line.starts_with("hint: ")), "{stderr}");
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(folder).unwrap().count(), before);
}

#[test]
fn what_is_no_history_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let good = history(2);
    for text in [
        "",
        "\n\n",
        HEAD,
        "epoch,loss\n1,2\n",
        "epoch,loss\n1\n2,3,4\n",
        &good.replace("0.001", "fast"),
        &good.replace("\n1,", "\none,"),
        &good.replace("\n1,", "\n-1,"),
        &good.replace("\n1,", "\n18446744073709551615,"),
        &(good.clone() + "3,4\n"),
        "\u{0}\u{1}\u{2}",
    ] {
        fs::write(folder.path().join("a.csv"), text).unwrap();
        assert_refused(folder.path(), &["history", "a.csv", "-o", "a.png"], 1, "'a.csv': ");
    }
    fs::write(folder.path().join("a.csv"), b"\xff\xfe").unwrap();
    assert_refused(folder.path(), &["history", "a.csv"], 1, "'a.csv': ");
    assert_refused(folder.path(), &["history", "none.csv"], 1, "cannot open 'none.csv': ");
    assert_refused(folder.path(), &["history", "."], 1, "cannot open './history.csv': ");
    assert_refused(folder.path(), &["architecture", "a.csv"], 1, "'a.csv': not a model file");
    assert_refused(folder.path(), &["architecture", "none"], 1, "no model at 'none'");
}

#[test]
fn the_output_is_checked_before_the_input_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for output in ["a.gif", "a", ".svg"] {
        let about = format!("cannot tell the kind of picture from the name '{output}'");
        assert_refused(folder.path(), &["history", "none.csv", "-o", output], 2, &about);
        assert_refused(folder.path(), &["architecture", "none", "-o", output], 2, &about);
    }
    assert_refused(folder.path(), &["history", "none.csv", "-o", "-"], 2, "standard output has no name");
    fs::write(folder.path().join("a.csv"), history(2)).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-q", "-o", "a.gif", "--format", "png"]);
    assert_eq!(bitmap(&folder.path().join("a.gif")).width, 1600);
    plotted(folder.path(), &["history", "a.csv", "-q", "--format", "svg"]);
    assert!(fs::read_to_string(folder.path().join("history.svg")).unwrap().starts_with("<svg "));
    assert_refused(folder.path(), &["history", "a.csv", "-o", "none/a.png"], 1, "cannot write 'none/a.png': ");
}

#[test]
fn the_same_data_make_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), history(30)).unwrap();
    for format in ["png", "svg"] {
        let draw = || plot(folder.path(), &["history", "a.csv", "-o", "-", "--format", format]).stdout;
        let first = draw();
        assert!(first.len() > 1000 && first == draw());
    }
}
