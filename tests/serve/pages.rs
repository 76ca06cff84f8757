//! Tests of both pages in a real browser, used as a person would.

use std::fs;

use serde_json::json;

use crate::browser::Browser;
use crate::server::Server;

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// A JavaScript expression for the length of the text.
const WRITTEN: &str = "document.querySelector('#texts').innerText.length";

#[test]
fn the_page_generates_text() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::with_network(1024);
    let address = format!("http://{}/", server.address);
    browser.open(&address, DESKTOP, "light");
    browser.wait_for("document.querySelectorAll('#facts dd').length == 4");
    browser.wait_for("document.querySelector('#architecture img').naturalWidth > 100");
    assert_eq!(browser.evaluate("document.querySelector('#training').hidden"), true, "there is no history");

    // Words arrive one by one, and generation can be stopped.
    browser.fill("#seed-text", "The cat ");
    browser.slide("#num-words", 500.0);
    assert!(browser.text("#num-words-meaning").starts_with("Several pages"));
    browser.click("#write");
    browser.wait_for("document.querySelectorAll('.word').length > 5");
    let early = browser.evaluate(WRITTEN).as_u64().unwrap();
    browser.wait_for(&format!("{WRITTEN} > {early}"));
    browser.click("#stop");
    browser.wait_for("document.querySelector('#status').innerText == 'Stopped.'");
    assert!(browser.text("#texts").starts_with("The cat "));
    let words = browser.evaluate("document.querySelectorAll('.word').length").as_u64().unwrap();
    assert!(words < 400, "{words}");

    // The mouse and the keyboard show the probability of a word.
    browser.point(".word");
    browser.wait_for("!document.querySelector('#tip').hidden");
    let (word, tip) = (browser.text(".word"), browser.text("#tip"));
    assert!(tip.starts_with(&format!("{word}: ")) && (tip.ends_with('%') || tip.ends_with("certain")), "{tip}");
    browser.evaluate("document.querySelector('.text').focus()");
    browser.press("ArrowRight", 39, false);
    browser.wait_for("document.querySelector('#status').innerText.includes(': ')");

    // The text can be continued and regenerated.
    let before = browser.text("#texts");
    browser.slide("#num-words", 10.0);
    browser.click("#continue");
    browser.wait_for("document.querySelector('#status').innerText.includes('10 words in')");
    assert!(browser.text("#texts").starts_with(&before));
    browser.fill("#seed-text", "the cat");
    browser.press("Enter", 13, true);
    browser.wait_for(
        "document.querySelector('#status').innerText.includes('10 words in') && \
         !document.querySelector('#texts').innerText.startsWith('The')",
    );
    let first = browser.text("#texts");
    browser.click("#again");
    browser.wait_for(&format!("document.querySelector('#texts').innerText != {}", json!(first)));
    browser.wait_for("!document.querySelector('#again').hidden");

    // Several texts are shown side by side.
    browser.evaluate("document.querySelector('details').open = true");
    browser.slide("#num-samples", 3.0);
    browser.click("#write");
    browser.wait_for("document.querySelectorAll('.sample').length == 3 && !document.querySelector('#write').hidden");
    browser.wait_for("document.querySelector('#status').innerText.includes('30 words in')");
    browser.screenshot("write-samples");

    // The page shows the errors of the server.
    browser.fill("#random-seed", "99999999999999999999");
    browser.click("#write");
    browser.wait_for("document.querySelector('#error').innerText.startsWith('random seed: Input should be less than')");
    browser.fill("#random-seed", "7");
    browser.click("#write");
    browser.wait_for("document.querySelector('#error').hidden && !document.querySelector('#write').hidden");
    drop(server);
    browser.click("#write");
    browser.wait_for("document.querySelector('#error').innerText.includes('cannot be reached')");
    assert_eq!(browser.errors, [""; 0]);
}

#[test]
fn a_key_can_be_entered() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, "secret").unwrap();
    let server = Server::with(&["--api-key-file", keys.to_str().unwrap()]);
    browser.open(&format!("http://{}/", server.address), PHONE, "dark");
    browser.wait_for("document.querySelector('#error').innerText.includes('key')");
    browser.fill("#key", "secret");
    browser.wait_for("document.querySelectorAll('#facts dd').length == 4");
    browser.click("#write");
    browser.wait_for("document.querySelector('#status').innerText.includes('50 words in')");
    browser.open(&format!("http://{}/docs", server.address), PHONE, "light");
    browser
        .wait_for("!document.querySelector('#key-field').hidden && document.querySelector('#key').value == 'secret'");
    browser.evaluate("document.querySelector('#stats').open = true");
    browser.wait_for("document.querySelector('#stats .primary')");
    assert!(browser.text("#stats .code").contains("Authorization: Bearer $RNN_API_KEY"));
    browser.click("#stats .primary");
    browser.wait_for("document.querySelector('#stats .said')?.innerText.startsWith('200')");
    assert_eq!(browser.errors, [""; 0]);
}

#[test]
fn every_call_can_be_tried_on_the_docs_page() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start();
    browser.open(&format!("http://{}/docs", server.address), DESKTOP, "light");
    browser.wait_for("document.querySelectorAll('.call').length > 10");
    let calls = browser.evaluate("[...document.querySelectorAll('.call')].map((call) => call.id)");
    for call in calls.as_array().unwrap() {
        let id = call.as_str().unwrap();
        browser.evaluate(&format!("document.querySelector('#{id}').open = true"));
        browser.wait_for(&format!("document.querySelector('#{id} .primary')"));
        assert!(browser.text(&format!("#{id} .curl .code")).starts_with("curl http://"));
        browser.click(&format!("#{id} .primary"));
        // There is no history to draw.
        let status = if id == "drawTraining" { "404" } else { "200" };
        browser.wait_for(&format!("document.querySelector('#{id} .said')?.innerText.startsWith('{status} ')"));
        browser.wait_for(&format!("document.querySelector('#{id} .primary').innerText == 'Send'"));
    }
    // Streams work here too, and errors are shown.
    browser.fill("#generate textarea", r#"{"seed_text": "the", "num_words": 3, "stream": true}"#);
    browser.click("#generate .primary");
    browser.wait_for("document.querySelector('#generate .answer .code')?.innerText.endsWith('data: [DONE]\\n\\n')");
    browser.fill("#generate textarea", "{}");
    browser.click("#generate .primary");
    browser.wait_for("document.querySelector('#generate .said')?.innerText.startsWith('422')");
    browser.screenshot("docs-all");
    assert_eq!(browser.errors, [""; 0]);
}

/// The pages are not wider than the window, at any size and in either colour scheme.
#[test]
fn the_pages_fit_on_a_phone() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start();
    for (size, name) in [(DESKTOP, "desktop"), (PHONE, "phone"), ((320, 640), "small")] {
        for scheme in ["light", "dark"] {
            browser.open(&format!("http://{}/", server.address), size, scheme);
            browser.wait_for("document.querySelector('#architecture img').naturalWidth > 100");
            browser.evaluate("document.querySelector('details').open = true");
            browser.fill("#seed-text", "the cat sat");
            browser.click("#write");
            browser.wait_for("document.querySelector('#status').innerText.includes('words in')");
            browser.evaluate("document.querySelector('#likely').click()");
            let too_wide = "document.documentElement.scrollWidth - innerWidth";
            assert_eq!(browser.evaluate(too_wide), 0, "{name}");
            browser.screenshot(&format!("write-{name}-{scheme}"));
            browser.open(&format!("http://{}/docs#generate", server.address), size, scheme);
            browser.wait_for("document.querySelector('#generate .primary')");
            browser.evaluate("document.querySelector('#generate details').open = true");
            assert_eq!(browser.evaluate(too_wide), 0, "{name}");
            browser.screenshot(&format!("docs-{name}-{scheme}"));
        }
    }
    assert_eq!(browser.errors, [""; 0]);
}
