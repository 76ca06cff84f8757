//! Pictures of histories: lines match the data, and every CSV is drawn or refused.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::svg::*;

pub const HEAD: &str = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n";

/// A history whose losses fall, except that the validation loss rises again after two thirds of the epochs.
pub fn history(epochs: usize) -> String {
    let row = |epoch: usize| {
        let way = epoch as f64 / epochs as f64;
        let (loss, val_loss) = (3.0 + 3.5 * (-4.0 * way).exp(), 4.0 + 2.5 * (-5.0 * way).exp() + (way - 0.66).max(0.0));
        format!("{epoch},{loss},{},{val_loss},{},0.001,{epoch},20000\n", 1.0 / loss, 1.0 / val_loss)
    };
    HEAD.to_string() + &(1..=epochs).map(row).collect::<String>()
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
fn labels_of_a_history_do_not_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}.csv", "of-a-book-with-a-long-name-".repeat(8));
    for (name, epochs) in [("a.csv", 1), ("a.csv", 2), ("a.csv", 12), ("a.csv", 500), (long.as_str(), 25_000)] {
        fs::write(folder.path().join(name), history(epochs)).unwrap();
        plotted(folder.path(), &["history", name, "-o", "a.svg", "-q"]);
        assert_labels_are_apart(&fs::read_to_string(folder.path().join("a.svg")).unwrap());
    }
}

#[test]
fn a_small_picture_is_as_high_as_necessary() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), history(40)).unwrap();
    fs::write(folder.path().join("b.csv"), history(40).replace(",0.001,7,", ",0.002,7,")).unwrap();
    for (file, width, fits) in
        [("a.csv", "480", false), ("b.csv", "480", false), ("a.csv", "1000", true), ("b.csv", "1000", false)]
    {
        let output = plot(folder.path(), &["history", file, "-o", "a.svg", "--width", width, "--height", "400"]);
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("--height"), !fits, "{output:?}");
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);
        assert_eq!(number(&svg, "height") == 400.0, fits);
    }
}

#[test]
fn points_match_the_axes() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [(1, 6.5, 6.0), (2, 5.0, 5.5), (4, 4.25, 4.75), (7, 3.5, 5.0)];
    let text = rows.map(|(epoch, loss, val_loss)| format!("{epoch},{loss},0.1,{val_loss},0.1,0.1,1,1\n")).concat();
    fs::write(folder.path().join("a.csv"), HEAD.to_string() + &text).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();

    // the axes of the left-hand chart, each from two of its tick labels
    let left: Vec<Label> = labels(&svg).into_iter().filter(|l| l.anchor.0 < 800.0 * FINE).collect();
    let value = |label: &Label| label.text.parse::<f64>().ok();
    let up: Vec<_> = left.iter().filter(|l| l.text.contains('.')).filter_map(|l| Some((value(l)?, l.y.0))).collect();
    let across: Vec<_> =
        left.iter().filter(|l| l.anchor.1 > 550.0 * FINE).filter_map(|l| Some((value(l)?, l.anchor.0))).collect();
    let place = |axis: &[(f64, f64)], value: f64| {
        let ((v0, p0), (v1, p1)) = (axis[0], axis[axis.len() - 1]);
        p0 + (value - v0) / (v1 - v0) * (p1 - p0)
    };
    // the offset of a tick label from its grid line, measured at 4.0
    let four = up.iter().find(|(v, _)| *v == 4.0).expect("a tick at 4.0").1;
    let line =
        tags(&svg, "rect").into_iter().map(|r| number(r, "y")).filter(|y| (y - four).abs() < 60.0 && *y > 172.0 * FINE);
    let shift = line.map(|y| y - four).next().expect("a grid line at 4.0");

    let discs = markers(&svg, "#D55E00");
    for (epoch, _, val_loss) in rows {
        let (x, y) = (place(&across, f64::from(epoch)), place(&up, val_loss) + shift);
        let near = |&&(cx, cy): &&(f64, f64)| (cx - x).abs() < 6.0 && (cy - y).abs() < 6.0;
        assert!(discs.iter().find(near).is_some(), "epoch {epoch}: nothing at {x}, {y} among {discs:?}");
    }
    let words: Vec<String> = left.into_iter().map(|l| l.text).collect();
    assert!(words.contains(&"best epoch 4: loss 4.750, perplexity 116".to_string()), "{words:?}");
}

#[test]
fn values_that_are_not_finite_leave_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let discs = |rows: &str| {
        fs::write(folder.path().join("a.csv"), HEAD.to_string() + rows).unwrap();
        plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
        plotted(folder.path(), &["history", "a.csv", "-o", "a.png", "-q"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        (markers(&svg, "#D55E00").len(), svg)
    };
    let row = |epoch: usize, val: &str| format!("{epoch},5,0.2,{val},0.1,0.1,1,1\n");
    // one marker in the legend, and one per value in each chart
    let (whole, _) = discs(&(row(1, "5") + &row(2, "4.5") + &row(3, "4")));
    let (gap, svg) =
        discs(&(row(1, "5") + &row(2, "NaN") + &row(3, "inf") + &row(4, "-inf") + &row(5, "1e300") + &row(6, "4")));
    assert_eq!(whole, 1 + 3 + 3);
    assert_eq!(gap, 1 + 2 + 6);
    assert!(svg.contains("best epoch 6: loss 4.000"));
    let (_, svg) = discs(&row(1, "NaN").replace(",5,", ",nan,"));
    assert!(svg.contains("no finite value") && !svg.contains("best epoch"));
}

#[test]
fn missing_columns_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let words = |text: &str| {
        fs::write(folder.path().join("a.csv"), text).unwrap();
        plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);
        labels(&svg).into_iter().map(|label| label.text).collect::<Vec<String>>()
    };
    let has = |words: &[String], word: &str| words.iter().any(|w| w.contains(word));
    let loss = words("epoch,loss,note\n1,3,first\n2,2.5,second\n");
    assert!(has(&loss, "training") && !has(&loss, "validation") && !has(&loss, "Accuracy") && !has(&loss, "best"));
    let steps = words("step,val_loss\n1000,3\n2000,2.5\n");
    assert!(has(&steps, "best step 2,000: loss 2.500, perplexity 12.2") && has(&steps, "validation"), "{steps:?}");
    let within = words("epoch,step,val_loss\n1,50,3\n1,100,2.5\n2,150,2.25\n");
    assert!(has(&within, "best step 150: loss 2.250") && !has(&within, "epochs"), "{within:?}");
    let rate = words("epoch,val_loss,learning_rate\n1,3,0.1\n2,2.5,0.05\n");
    assert!(has(&rate, "Learning rate") && has(&rate, "perplexity"));
    let constant = words("epoch,val_loss,learning_rate\n1,3,0.0125\n2,2.5,0.0125\n");
    assert!(!has(&constant, "Learning rate") && has(&constant, "learning rate 0.0125"));
    let json = words("{\"epoch\": 1, \"val_loss\": 3, \"val_accuracy\": null}\n{\"epoch\": 2, \"val_loss\": 2}\n");
    assert!(has(&json, "best epoch 2: loss 2.000") && has(&json, "no finite value"));
}

#[test]
fn several_runs_have_a_legend_and_different_styles() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..13).map(|i| format!("run-with-a-name-{i}/history.csv")).collect();
    for (i, name) in names.iter().enumerate() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, history(5 + i)).unwrap();
    }
    let mut args: Vec<&str> = vec!["history", "-q", "-o", "a.svg"];
    args.extend(names.iter().map(String::as_str));
    for width in ["700", "1600"] {
        plotted(folder.path(), &[&args[..], &["--width", width]].concat());
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);
        let words: Vec<String> = labels(&svg).into_iter().map(|label| label.text).collect();
        assert!((0..13).all(|i| words.contains(&format!("run-with-a-name-{i}"))), "{words:?}");
        // the first and the seventh run have the same colour but different markers
        let blue: HashSet<usize> = tags(&svg, "polygon")
            .into_iter()
            .filter(|tag| attribute(tag, "fill") == "#0072B2")
            .map(|tag| attribute(tag, "points").split_whitespace().count())
            .collect();
        assert!(blue.len() >= 2, "{blue:?}");
    }
    let many: Vec<&str> = std::iter::repeat_n("run-with-a-name-1", 37).collect();
    assert_refused(folder.path(), &[&["history"], &many[..]].concat(), 2, "37");
}

#[test]
fn smoothing_leaves_the_raw_line_pale() {
    let folder = tempfile::tempdir().unwrap();
    let zigzag = |epoch: usize| format!("{epoch},{}\n", 3 + epoch % 2);
    let rows: String = (1..=30).map(zigzag).collect();
    fs::write(folder.path().join("a.csv"), "epoch,val_loss\n".to_string() + &rows).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q", "--smooth", "0.9"]);
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
    let height = |color: &str| {
        let line =
            tags(&svg, "polyline").into_iter().filter(|tag| attribute(tag, "stroke") == color).max_by_key(|t| t.len());
        let (_, y) = extent(line.unwrap_or_else(|| panic!("no line of {color}")));
        y.1 - y.0
    };
    assert!(height("#D55E00") < 0.6 * height("#F2CFB3"), "{} {}", height("#D55E00"), height("#F2CFB3"));
    assert_usage(folder.path(), &["history", "a.csv", "--smooth", "1"], "--smooth");
}

#[test]
fn a_million_rows_become_a_small_picture() {
    let folder = tempfile::tempdir().unwrap();
    let row = |row: usize| format!("{row},{}\n", if row == 600_000 { 9.0 } else { 5.0 + (row % 97) as f64 / 97.0 });
    let rows: String = (1..=1_000_000).map(row).collect();
    fs::write(folder.path().join("a.csv"), "step,val_loss\n".to_string() + &rows).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-o", "a.svg", "-q"]);
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
    assert!(svg.len() < 300_000, "{}", svg.len());
    assert_labels_are_apart(&svg);
    let line =
        tags(&svg, "polyline").into_iter().filter(|tag| attribute(tag, "stroke") == "#D55E00").max_by_key(|t| t.len());
    let (x, y) = extent(line.unwrap());
    assert!(x.1 - x.0 > 1300.0 * FINE && y.1 - y.0 > 300.0 * FINE, "the single high value is missing: {x:?} {y:?}");
}

#[test]
fn a_followed_run_is_redrawn_after_each_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rnn-plot"))
        .args(["history", "--follow", "-o", "live.svg", "-q"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let path = folder.path().join("live.svg");
    let line = |epoch: usize| {
        format!("{{\"epoch\": {epoch}, \"loss\": {}, \"val_loss\": {}}}\n", 5.0 / epoch as f64, 6.0 / epoch as f64)
    };
    for epoch in 1..=3 {
        input.write_all(line(epoch).as_bytes()).unwrap();
        let is_drawn = || fs::read_to_string(&path).is_ok_and(|svg| svg.contains(&format!("best epoch {epoch}:")));
        while !is_drawn() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before its input");
            std::thread::yield_now();
        }
    }
    input.write_all(b"not JSON\n{\"sample\": \"a text\"}\n\n").unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
    assert!(fs::read_to_string(path).unwrap().contains("3 epochs"));
    fs::write(folder.path().join("a.csv"), history(2)).unwrap();
    assert_refused(folder.path(), &["history", "--follow", "a.csv"], 2, "--follow reads standard input");
}

#[test]
fn size_and_resolution_are_as_requested() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), history(12)).unwrap();
    let draw = |args: &[&str]| {
        plotted(folder.path(), &[&["history", "a.csv", "-o", "a.png", "-q"], args].concat());
        bitmap(&folder.path().join("a.png"))
    };
    let small = draw(&["--width", "900", "--height", "700"]);
    assert_eq!((small.width, small.height), (900, 700));
    let large = draw(&["--width", "900", "--height", "700", "--dpi", "144"]);
    assert_eq!((large.width, large.height), (1350, 1050));
    let fraction = |picture: &Bitmap| picture.count(picture.pixels[0]) as f64 / picture.pixels.len() as f64;
    assert!((fraction(&small) - fraction(&large)).abs() < 0.02, "{} {}", fraction(&small), fraction(&large));
    assert!(large.has_margin(20));
    assert_usage(folder.path(), &["history", "a.csv", "--width", "20"], "--width");
}

#[test]
fn a_history_is_read_from_a_pipe_and_drawn_into_one() {
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
fn an_invalid_history_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let good = history(2);
    for text in [
        "",
        "\n\n",
        HEAD,
        "loss\n1\n2\n",
        "epoch,seconds\n1,2\n",
        "epoch,loss\n1\n2,3,4\n",
        &good.replace("\n1,", "\none,"),
        &good.replace("\n1,", "\n-1,"),
        &good.replace("\n1,", "\n,"),
        &good.replace("\n1,", "\n18446744073709551615,"),
        &good.replace(",0.001,", ",fast,"),
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
fn the_same_data_make_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), history(30)).unwrap();
    for format in ["png", "svg"] {
        let draw = || plot(folder.path(), &["history", "a.csv", "-o", "-", "--format", format]).stdout;
        let first = draw();
        assert!(first.len() > 1000 && first == draw());
    }
}
