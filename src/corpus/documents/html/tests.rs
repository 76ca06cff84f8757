use super::*;

#[test]
fn paragraphs_lines_lists_and_tables() {
    for (html, text) in [
        ("<p>The  bell\n rang.<p>The <b>goat</b>s ran&amp;ran.", "The bell rang.\n\nThe goats ran&ran.\n"),
        ("<h1>One</h1>Text<div>more</div>", "One\n\nText\n\nmore\n"),
        ("a<br>b<br/><br />c<br><br><br>d", "a\nb\n\nc\n\nd\n"),
        ("<ul><li>one<li>two</ul><ol><li><p>three</p></li></ol>", "one\ntwo\n\nthree\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>e", "a\tb\nc\td\n\ne\n"),
        ("x<pre>\n a\n  b\n\n</pre>y", "x\n\n a\n  b\n\ny\n"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</ruby>を", "漢字を\n"),
        ("<div class=verse>The bell</div><div class='verse i2'>rang&nbsp;&nbsp;out</div>", "The bell\nrang out\n"),
        ("&eacute;t&#233;&#x20ac; a&shy;b &unknown; 1 < 2", "été€ ab &unknown; 1 < 2\n"),
        ("<html><head><title>No</title><style>p<b</style><script>if (a<b) '</p>'</script><body>Yes", "Yes\n"),
        ("", ""),
    ] {
        assert_eq!(main_text(html), text, "{html}");
    }
}

#[test]
fn what_surrounds_the_text_is_left_out() {
    let body = "The ferryman rang the bell. ".repeat(9);
    let text = format!("Title\n\n{}\n", body.trim_end());
    for html in [
        format!("<body><header>Site</header><nav>Home<ul><li>x</nav><h1>Title</h1>{body}<footer>Us</footer>"),
        format!("<div>Menu menu</div><main><article><header><h1>Title</h1></header>{body}</article></main><p>More"),
        format!("<p>Before</p><article><h2>Title</h2><p>{body}</article><aside>Next</aside><form>Name</form>"),
        format!("<p hidden>x<h1>Title</h1><i style='display: none'>x</i>{body}<svg><path/><text>x</text></svg>"),
        format!("<div><nav>Home</div><h1>Title</h1>{body}<button>Go</button><noscript><p>Turn it on</noscript>"),
        format!(
            "<section id=pg-header><div>Gutenberg</div></section><h1>Title</h1><span class=pagenum>[Pg 1]</span>{body}"
        ),
        format!("<?xml version='1.0'?><html><head><title/></head><body><h1>Title</h1><a id='a'/>{body}</body></html>"),
    ] {
        assert_eq!(main_text(&html), text, "{html}");
    }
    assert_eq!(
        main_text("<main>Go</main><p>But the text is here, outside of it."),
        "Go\n\nBut the text is here, outside of it.\n"
    );
}

#[test]
fn the_encoding_is_what_the_server_the_page_or_its_bytes_say() {
    let page = "<html><p>Старый паромщик знал каждую отмель этой реки.";
    let (koi8, ..) = encoding_rs::KOI8_R.encode(page);
    assert_eq!(decode(&koi8, None, Some("koi8-r")).unwrap().text, page);
    let declared = [b"<meta charset='koi8-r'>", &koi8[..]].concat();
    assert!(decode(&declared, None, None).unwrap().text.ends_with(page));
    assert_eq!(decode(page.as_bytes(), None, Some("latin1")).unwrap().text, page);
    assert_eq!(decode(&koi8, Some("koi8-r"), None).unwrap().text, page);
}

#[test]
fn hostile_pages_take_linear_time_and_no_stack() {
    let deep = format!("{}The bell{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    assert_eq!(main_text(&deep), "The bell\n");
    for part in ["<", "<b><p></i>", "&", "<!--", "<a b=", "</", "<pre>\n", "<main>x"] {
        main_text(&part.repeat(200_000));
    }
}

#[test]
fn no_page_panics() {
    let page = "<?xml?><!doctype html><main><p hidden>a&amp;b<pre>\n\nx\n</pre><table><td>é<th></main><article><ruby>漢<rt>\
                </ruby><nav></div><script></scr</script><br/><li><li></article><textarea>x</title>";
    let pieces: Vec<char> = page.chars().collect();
    let mut state = 7_u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..2000 {
        let mut page = pieces.clone();
        for _ in 0..=random(8) {
            let (at, from) = (random(page.len()), random(page.len()));
            match random(3) {
                0 => drop(page.remove(at)),
                1 => page.insert(at, page[from]),
                _ => page.extend_from_within(at.min(from)..at.max(from)),
            }
        }
        main_text(&page.into_iter().collect::<String>());
    }
}
