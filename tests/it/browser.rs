//! The HTML report in a real browser: it is read, filtered, searched, sorted, opened and printed; hostile names stay text; and
//! fifty thousand findings are one view.
//!
//! Needs Chromium and its driver; without them a test is skipped by name, or fails where `POSTURE_REQUIRE_CHROMIUM=1`.
//! `POSTURE_SHOTS=DIR` keeps screenshots, to be looked at.

mod reports;
mod webdriver;

use crate::support::{Run, posture, repo};
use aws_posture::catalogue::pillar;
use aws_posture::formats::{self, Format, Options};
use aws_posture::report;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use webdriver::Browser;

/// What has to be true of any page at its end: nothing ran, nothing was refused, nothing was loaded.
const CLEAN: &str = "return [window.hacked === undefined,
    document.querySelectorAll('img, iframe, object, embed, link:not([rel=icon]), [onerror], [onclick], [style*=expression]').length,
    performance.getEntriesByType('resource').length]";

fn html(report: &Path) -> PathBuf {
    let page = report.with_extension("html");
    let report = report::read(report).unwrap();
    let options = Options { width: 110, colour: false };
    posture_estate::files::replace_file(&page, |out| formats::write(&report, Format::Html, options, out)).unwrap();
    page
}

/// A report of a fixture as JSON, in a directory of its own.
fn fixture(name: &str, dir: &Path) -> PathBuf {
    let path = dir.join("report.json");
    let output = format!("json={}", path.display());
    let run =
        Run::of(posture().args(["scan", "--fail-on", "never", "--replay"]).arg(repo(name)).args(["--output", &output]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    path
}

fn parsed(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn count(report: &Value, wanted: impl Fn(&Value) -> bool) -> usize {
    report["findings"].as_array().unwrap().iter().filter(|finding| wanted(finding)).count()
}

/// The number that the page says it shows.
fn shown(browser: &Browser) -> usize {
    let text = browser.js("return document.getElementById('count').textContent", &[]);
    let first = text.as_str().unwrap().split(' ').next().unwrap().replace(',', "");
    first.parse().unwrap_or_else(|_| panic!("no count in {text}"))
}

fn check_clean(browser: &Browser) {
    assert_eq!(browser.js(CLEAN, &[]), json!([true, 0, 0]));
    let messages = browser.messages();
    assert!(messages.is_empty(), "the console says {messages:?}");
}

#[test]
fn a_report_is_read_filtered_opened_and_printed() {
    let Some(browser) = Browser::start("a_report_is_read_filtered_opened_and_printed") else { return };
    let dir = tempfile::tempdir().unwrap();
    let json_path = fixture("fixtures/acme", dir.path());
    let report = parsed(&json_path);
    let page = html(&json_path);
    let failed = count(&report, |finding| finding["status"] == "fail");
    let open = failed + count(&report, |finding| finding["status"] == "unknown");

    browser.open(&page, "");
    browser.screenshot("light");
    assert_eq!(shown(&browser), open, "failed and unknown ones come first");
    let practices = pillar().practices.iter().filter(|practice| practice.is_current()).count();
    assert_eq!(browser.js("return document.querySelectorAll('.tile').length", &[]), practices);

    // Search, as typed.
    browser.keys("#q", "acme-legacy-trail");
    browser.until("the search is applied", "return location.hash.includes('q=acme-legacy-trail')");
    let found = shown(&browser);
    assert!(found > 0 && found < open, "{found}");
    let rows =
        "return [...document.querySelectorAll('.row')].every(row => row.textContent.includes('acme-legacy-trail'))";
    assert_eq!(browser.js(rows, &[]), true);

    // A shared address restores a view.
    let critical = count(&report, |finding| finding["status"] == "fail" && finding["severity"] == "critical");
    browser.open(&page, "#status=fail&severity=critical&sort=resource");
    assert_eq!(shown(&browser), critical);
    browser.to_findings();
    let names =
        "return [...document.querySelectorAll('.line .resource bdi')].map(node => node.textContent.toLowerCase())";
    let names: Vec<String> = serde_json::from_value(browser.js(names, &[])).unwrap();
    assert!(names.len() > 5 && names.is_sorted(), "{names:?}");
    browser.click("#heads .resource button");
    let first = "return document.querySelector('[aria-rowindex=\"2\"] .resource bdi').textContent.toLowerCase()";
    assert!(browser.js(first, &[]).as_str().unwrap() > names[0].as_str(), "the other way round");

    // A filter by hand, then a finding opened with the keyboard.
    browser.open(&page, "");
    browser.click(".facet:nth-of-type(2) summary");
    browser.click(".facet[open] input[value=critical]");
    assert_eq!(shown(&browser), critical);
    assert_eq!(browser.js("return location.hash", &[]), "#severity=critical");
    // One whose failures show their evidence.
    browser.open(&page, "#check=s3_bucket_not_public&status=fail");
    browser.to_findings();
    let next = browser.js("return document.querySelectorAll('.line .what button')[1].textContent", &[]);
    browser.keys(".line .what button", "\u{e007}");
    let detail = browser.js("return document.querySelector('.detail').textContent", &[]);
    let detail = detail.as_str().unwrap();
    for part in [
        "What was found",
        "Evidence",
        "ARN",
        "Tags",
        "Why it matters",
        "How to fix",
        "AWS CLI",
        "Terraform",
        "What it can break",
        "aws ",
        "posture scan --check",
    ] {
        assert!(detail.contains(part), "{part:?} is not in {detail}");
    }
    assert_eq!(browser.js("return document.activeElement.getAttribute('aria-expanded')", &[]), "true");
    browser.js("document.querySelector('.detail').scrollIntoView({block: 'start'}); scrollBy(0, -200)", &[]);
    browser.screenshot("detail");
    browser.keys(".line .what button", "\u{e015}");
    assert_eq!(
        browser.js("return document.activeElement.textContent", &[]),
        next,
        "the arrow goes to the next finding"
    );

    // A practice of the picture.
    browser.open(&page, "");
    browser.click(".tile[href*='SEC01-BP02']");
    let bears = |finding: &Value| finding["practices"].as_array().unwrap().contains(&json!("SEC01-BP02"));
    assert_eq!(shown(&browser), count(&report, bears));
    assert!(
        browser.js("return document.getElementById('practice').textContent", &[]).as_str().unwrap().contains("not met")
    );

    // Paper: all that failed, whatever is filtered.
    let printed = "dispatchEvent(new Event('beforeprint'));
        const items = document.querySelectorAll('#printed .case:has(svg.fail) .found > li').length;
        dispatchEvent(new Event('afterprint'));
        return [items, document.getElementById('printed').childNodes.length]";
    assert_eq!(browser.js(printed, &[]), json!([failed, 0]));
    let pages = browser.print("acme");
    assert!(pages >= 20, "{pages} pages do not hold {failed} findings and their fixes");

    browser.media("dark");
    browser.open(&page, "");
    browser.screenshot("dark");
    let dark = browser.js("return getComputedStyle(document.documentElement).backgroundColor", &[]);
    browser.media("light");
    assert_ne!(dark, browser.js("return getComputedStyle(document.documentElement).backgroundColor", &[]));
    browser.phone();
    browser.open(&page, "");
    browser.screenshot("phone");
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.js(wide, &[]), true, "nothing is wider than a phone");
    check_clean(&browser);
}

#[test]
fn hostile_names_stay_text() {
    let Some(browser) = Browser::start("hostile_names_stay_text") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut report = parsed(&fixture("fixtures/acme", dir.path()));
    let findings = reports::hostile(&mut report);
    let path = dir.path().join("hostile.json");
    std::fs::write(&path, report.to_string()).unwrap();
    let page = html(&path);
    browser.open(&page, "#status=all");
    browser.screenshot("hostile");
    assert_eq!(shown(&browser), findings, "all of them survive");
    let printed =
        "dispatchEvent(new Event('beforeprint')); const text = document.getElementById('printed').textContent;
        dispatchEvent(new Event('afterprint')); return text.includes('<img src=x') && text.includes('</script>')";
    assert_eq!(browser.js(printed, &[]), true);
    browser.to_findings();
    let opened = "const texts = [];
        const button = (at) => document.querySelectorAll('.line .what button')[at];
        for (let at = 0; button(at); at += 1) {
            button(at).click();
            texts.push(document.querySelector('.detail').textContent);
            button(at).click();
        }
        return texts";
    let texts: Vec<String> = serde_json::from_value(browser.js(opened, &[])).unwrap();
    assert_eq!(texts.len(), findings);
    assert!(texts.iter().all(|text| text.contains("<img src=x onerror=window.hacked=1>")), "{texts:?}");
    let text = browser.js("return document.body.textContent", &[]);
    let text = text.as_str().unwrap();
    for name in [
        "<img src=x onerror=window.hacked=1>",
        "=cmd|' /C calc'!A0",
        "</script><script>window.hacked=1</script>",
        "\\u{202e}",
    ] {
        assert!(text.contains(name), "{name:?} is not shown");
    }
    assert!(!text.contains('\u{202e}'), "nothing turns the direction of text");
    let scripts = "return [...document.scripts].filter(script => script.type !== 'application/json').length";
    assert_eq!(browser.js(scripts, &[]), 1);
    // The parser of a search and of an address takes any text.
    browser.open(&page, "#status=all&q=%3Cimg%20src%3Dx&check=%3Cb%3E&open=%22&region=%E0%A4%A");
    browser.keys("#q", "</script>");
    check_clean(&browser);
}

#[test]
fn fifty_thousand_findings_are_one_view() {
    let Some(browser) = Browser::start("fifty_thousand_findings_are_one_view") else { return };
    let dir = tempfile::tempdir().unwrap();
    let base = parsed(&fixture("fixtures/acme", dir.path()));
    let path = dir.path().join("many.json");
    let expected = reports::many(&base, 50_000, &path);
    let page = html(&path);
    browser.open(&page, "#status=all");
    assert_eq!(shown(&browser), 50_000);
    browser.open(&page, "");
    assert_eq!(shown(&browser), expected.open);
    browser.to_findings();
    browser.screenshot("many");
    let rows = browser.js("return document.querySelectorAll('.row').length", &[]).as_u64().unwrap();
    assert!((5..200).contains(&rows), "{rows} rows exist");
    browser.open(&page, "#status=fail&severity=critical&account=100000000007");
    assert_eq!(shown(&browser), expected.critical_of_seven);
    browser.open(&page, "#status=all");
    browser.keys("#q", "resource-0049999");
    browser.until("the search is applied", "return location.hash.includes('resource-0049999')");
    assert_eq!(shown(&browser), 1);
    // The last row can be reached, and shows what it should.
    browser.open(&page, "#status=all&sort=-resource");
    browser.js("scrollTo(0, document.body.scrollHeight)", &[]);
    browser.until(
        "the last rows are there",
        "return document.getElementById('rows').textContent.includes('resource-0000000')",
    );
    if std::env::var_os("POSTURE_SHOTS").is_some() {
        let times = browser.js(reports::TIMES, &[]);
        eprintln!("times in ms: {times}");
    }
    check_clean(&browser);
}
