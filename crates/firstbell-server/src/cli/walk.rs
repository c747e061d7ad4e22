//! `firstbell demo --walk`: plays the browser through two logins and checks each page.
//!
//! 1. A student comes to the portal, logs in, opens FlightSchool. The code comes without `state`;
//!    FlightSchool starts again with one; her name is on the page.
//! 2. A teacher, on another browser, uses FlightSchool's own button.

mod browser;

use anyhow::{Context as _, ensure};

use browser::{Browser, Page};

/// Where the walk goes, and who walks.
pub(super) struct Course<'a> {
    pub(super) broker: &'a str,
    pub(super) flightschool: &'a str,
    pub(super) district: &'a str,
    pub(super) student: Walker<'a>,
    pub(super) teacher: Walker<'a>,
}

/// Somebody who can log in.
#[derive(Clone, Copy)]
pub(super) struct Walker<'a> {
    pub(super) name: &'a str,
    pub(super) username: &'a str,
    pub(super) password: &'a str,
}

pub(super) async fn walk(course: &Course<'_>) -> anyhow::Result<()> {
    println!("\n1. {} logs in at the portal and opens FlightSchool", course.student.name);
    portal_login(course).await.context("the portal login")?;
    println!("\n2. {} uses FlightSchool's button", course.teacher.name);
    button_login(course).await.context("the button login")?;
    println!("\nEverything held.");
    Ok(())
}

async fn portal_login(course: &Course<'_>) -> anyhow::Result<()> {
    let mut browser = Browser::new()?;
    let student = course.student;
    let page = browser.open(&format!("{}/in/{}", course.broker, course.district)).await?;
    let portal = sign_in(&mut browser, &page, student).await?;
    portal.must_be_at(course.broker, &format!("/in/{}", course.district))?;
    portal.must_show(student.name)?;
    portal.must_show("FlightSchool")?;

    let tile = portal.link_containing("/launch/")?;
    let home = browser.open(&tile).await?;
    home.must_be_at(course.flightschool, "/home")?;
    home.must_show(student.name)?;

    let arrivals: Vec<_> =
        browser.hops().iter().filter(|hop| hop.url.path() == "/oauth/callback").collect();
    ensure!(arrivals.len() == 2, "FlightSchool was reached {} times, not twice", arrivals.len());
    ensure!(arrivals[0].has("code") && !arrivals[0].has("state"), "the portal sent a state");
    ensure!(arrivals[1].has("code") && arrivals[1].has("state"), "no state came back");
    println!("   ✓ the code without state was not used; a second one with state was");
    Ok(())
}

async fn button_login(course: &Course<'_>) -> anyhow::Result<()> {
    let mut browser = Browser::new()?;
    let teacher = course.teacher;
    let landing = browser.open(&format!("{}/", course.flightschool)).await?;
    landing.must_show("Log in with Firstbell")?;
    let page = browser.open(&landing.link_containing("/login")?).await?;
    let home = sign_in(&mut browser, &page, teacher).await?;
    home.must_be_at(course.flightschool, "/home")?;
    home.must_show(teacher.name)?;
    Ok(())
}

async fn sign_in(browser: &mut Browser, page: &Page, walker: Walker<'_>) -> anyhow::Result<Page> {
    let mut form = page.form_with("password")?;
    form.fill("username", walker.username);
    form.fill("password", walker.password);
    browser.submit(form).await
}
