use std::path::Path;
use std::{env, fs};

use super::samples::hostile_name;
use super::{ErrorPage, Finder, Frame, Search, SignIn, SignInProblem, samples};
use crate::assets;
use crate::reply::text::{Language, Texts};

fn all() -> Vec<(String, String)> {
    samples(&Texts::embedded().unwrap()).unwrap()
}

/// Set to 1 to accept the pages as they are now.
const UPDATE: &str = "UPDATE_GOLDEN";
/// Set to a folder to look at the pages: they are written there with their assets.
const WRITE_TO: &str = "FIRSTBELL_PAGES_DIR";

#[test]
fn every_page_is_a_whole_document() {
    for (name, html) in all() {
        let count = |part: &str| html.matches(part).count();
        let language = name.rsplit_once('.').unwrap().1;

        assert!(html.starts_with("<!DOCTYPE html>"), "{name}");
        assert!(html.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{name}");
        assert_eq!((count("<h1"), count("<title>"), count("<main ")), (1, 1, 1), "{name}");
        assert!(html.contains("<meta name=\"viewport\""), "{name}");
        assert!(html.contains("href=\"#main\"") && html.contains("id=\"main\""), "{name}");
        assert!(html.contains("Firstbell</title>"), "{name}");
    }
}

#[test]
fn no_page_needs_more_than_a_strict_content_security_policy() {
    for (name, html) in all() {
        // A link is followed by a person; it loads nothing.
        let html = html.replace("\" href=\"https://library.example/\" rel=\"noopener\"", "");
        for refused in ["<script", "<style", "style=", " onclick", "javascript:", "http:", "https:"]
        {
            // The made-up hostile name is on the page as text, where it may say what it likes.
            assert!(!html.contains(refused), "{name} has {refused}");
        }
        assert!(!html.contains("=\"//"), "{name} loads from elsewhere");
        assert!(!html.contains("http-equiv"), "{name} moves on by itself");
    }
}

#[test]
fn every_asset_of_a_page_exists() {
    for (name, html) in all() {
        assert!(!html.contains("href=\"\"") && !html.contains("src=\"\""), "{name}");
        for rest in html.split("\"/assets/").skip(1) {
            let (address, _) = rest.split_once('"').unwrap();
            let (hash, file) = address.split_once('/').unwrap();
            assert!(assets::find(hash, file).is_some(), "{name} asks for {address}");
        }
    }
}

#[test]
fn ids_are_unique_and_what_refers_to_them_finds_them() {
    for (name, html) in all() {
        let values = |attribute: &str| -> Vec<String> {
            let start = format!(" {attribute}=\"");
            html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().into()).collect()
        };
        let ids = values("id");
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{name} repeats an id");
        for attribute in ["for", "aria-describedby", "aria-labelledby"] {
            for reference in values(attribute).iter().flat_map(|it| it.split(' ')) {
                assert!(ids.iter().any(|id| id == reference), "{name} refers to {reference}");
            }
        }
    }
}

#[test]
fn a_portal_of_sixty_applications_stays_small() {
    let (_, html) = all().into_iter().find(|(name, _)| name == "portal-many.en").unwrap();
    let css = assets::named("firstbell.css").unwrap().bytes.len();
    assert!(html.matches("class=\"tile ").count() == 60);
    assert!(html.len() + css < 60_000, "{} bytes of HTML, {css} of CSS", html.len());
}

#[test]
fn what_people_are_called_is_text_and_never_markup() {
    let texts = Texts::embedded().unwrap();
    let text = texts.text(Language::En);
    let name = hostile_name();
    let finder = Finder {
        frame: Frame { query: format!("q=\"><script>{name}"), banner: None },
        query: format!("\"><script>{name}"),
        search: Search::Done(Vec::new()),
        action: "/login?x=\"><script>".into(),
        remembered: None,
        application_name: Some(name.clone()),
    };
    let sign_in = SignIn {
        frame: Frame::default(),
        district_name: name.clone(),
        action: "/login/x".into(),
        username: format!("\"><script>{name}"),
        problem: Some(SignInProblem::Mismatch),
        change_district_href: "/login".into(),
        application_name: Some(name.clone()),
    };
    let error = ErrorPage {
        frame: Frame::default(),
        code: name.clone(),
        support_code: name.clone(),
        text_key: "error-person-not-shared".into(),
        next_href: Some("\"><script>".into()),
        application_name: Some(name.clone()),
        person_name: Some(name.clone()),
    };
    let hostile = all().into_iter().filter(|(name, _)| name.contains("-hostile.")).map(|it| it.1);
    let rendered = [finder.render(&text), sign_in.render(&text), error.render(&text)];
    let rendered = rendered.into_iter().map(Result::unwrap);
    for html in hostile.chain(rendered) {
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&#60;script&#62;"));
        // The direction override ends where the name ends: in <bdi>, or fenced in a sentence.
        for (before, _) in html.match_indices('\u{202e}') {
            let start = &html[..before];
            let in_bdi = start.rfind("<bdi>") > start.rfind("</bdi>");
            let fenced = start.rfind('\u{2068}') > start.rfind('\u{2069}');
            let in_tag = start.rfind('<') > start.rfind('>');
            let alone = start.ends_with("support-code\">")
                || start[start.rfind('<').unwrap()..].starts_with("<textarea")
                || start[start.rfind('<').unwrap()..].starts_with("<code");
            assert!(in_bdi || fenced || in_tag || alone, "{}", &start[start.len() - 200..]);
        }
    }
}

#[test]
fn the_username_is_kept_and_the_password_is_not() {
    let pages = all();
    let (_, html) = pages.iter().find(|(name, _)| name == "sign-in-mismatch.en").unwrap();
    assert!(html.contains("name=\"username\" value=\"ana.gomez\" autocomplete=\"username\""));
    let (_, password) = html.split_once("type=\"password\"").unwrap();
    let (password, _) = password.split_once('>').unwrap();
    assert!(password.contains("name=\"password\"") && !password.contains("value="));
    assert!(password.contains("autocomplete=\"current-password\""));
    assert!(password.contains("aria-invalid=\"true\" aria-describedby=\"problem\""));
    assert!(html.contains("role=\"alert\""));
    assert!(html.contains("<title>Problem: "));
}

/// The sample of this name in English.
fn sample(name: &str) -> String {
    all().into_iter().find(|(it, _)| *it == format!("{name}.en")).unwrap().1
}

#[test]
fn nothing_stands_above_the_banner_of_an_administrator() {
    for name in ["portal-as-student", "error-as-student"] {
        let html = sample(name);
        let above = html.split_once("<section class=\"banner\"").unwrap().0;
        assert!(!above.contains("<header"), "{name}");
        assert!(html.contains("<bdi>Ana Gómez Núñez</bdi>"), "{name}");
        assert!(html.contains("<bdi>Ruth Okonkwo</bdi> · 14 minutes left"), "{name}");
        assert!(html.contains("action=\"/in/lincoln/open-as/stop\" method=\"post\""), "{name}");
    }
    assert!(!sample("portal-admin").contains("class=\"banner\""));
}

#[test]
fn a_role_is_offered_when_there_is_another_one() {
    let alone = sample("portal-student");
    assert!(!alone.contains("name=\"role\"") && !alone.contains("class=\"also\""));
    let admin = sample("portal-admin");
    assert_eq!(admin.matches("name=\"role\"").count(), 2);
    assert!(!admin.contains("value=\"role-1\""), "the role that the person has is offered");
}

#[test]
fn a_reason_is_kept_and_told_what_is_wrong_with_it() {
    let html = sample("open-as-too-short");
    assert!(html.contains("\nto help</textarea>"));
    assert!(html.contains("aria-describedby=\"reason-hint problem\" aria-invalid=\"true\""));
    assert!(html.contains("<title>Problem: ") && html.contains("role=\"alert\""));
    let hostile = sample("open-as-hostile");
    assert_eq!(hostile.matches("</textarea>").count(), 1);
}

#[test]
fn a_teacher_without_classes_can_only_go_back() {
    let html = sample("classroom-no-classes");
    assert!(!html.contains("<form"));
    assert!(html.contains("class=\"button\" href=\"/in/lincoln\""));
    assert_eq!(sample("classroom").matches(" checked>").count(), 2);
    assert_eq!(sample("classroom-nothing-chosen").matches(" checked>").count(), 0);
}

#[test]
fn the_pages_are_those_of_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pages");
    for (name, html) in all() {
        let Some(name) = name.strip_suffix(".en") else { continue };
        // The hash of an asset says nothing about the page.
        let html = ["firstbell.css", "favicon.svg", "icon-180.png", "mark.svg"]
            .iter()
            .fold(html, |html, file| {
                html.replace(assets::url(file), &format!("/assets/HASH/{file}"))
            });
        let path = folder.join(format!("{name}.html"));
        if env::var(UPDATE).is_ok_and(|value| value == "1") {
            fs::write(&path, &html).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == html, "{name} differs from {}; {UPDATE}=1 accepts it", path.display());
    }
}

#[test]
fn the_pages_can_be_looked_at() {
    let Ok(folder) = env::var(WRITE_TO) else { return };
    for (name, html) in all() {
        let path = Path::new(&folder).join(format!("{name}.html"));
        fs::write(path, html.replace("\"/assets/", "\"assets/")).unwrap();
    }
    for file in ["firstbell.css", "favicon.svg", "icon-180.png", "mark.svg"] {
        let path = Path::new(&folder).join(assets::url(file).trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, assets::named(file).unwrap().bytes).unwrap();
    }
}
