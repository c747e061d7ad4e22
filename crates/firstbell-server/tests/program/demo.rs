use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::installation::{Running, get, program, wait_until};

/// Starts a demo and waits until it says that it is ready.
fn demo(data: &Path, more: &[&str]) -> (Running, Value) {
    let json = data.with_extension("json");
    let _ = fs::remove_file(&json);
    let mut command = program();
    command.arg("demo").arg("--data").arg(data).arg("--json-file").arg(&json).args(more);
    let running = Running::start(command);
    wait_until("the demo being ready", || json.exists());
    let text = fs::read_to_string(&json).unwrap();
    (running, serde_json::from_str(&text).unwrap())
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value}"))
}

#[test]
fn a_demo_keeps_its_data_until_it_is_told_to_start_fresh() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("demo");
    let (first, one) = demo(&data, &[]);
    assert_eq!(get(&format!("{}/readyz", text(&one, "/broker"))).unwrap().0, 200);
    assert!(get(text(&one, "/flightschool")).unwrap().1.contains("Log in with Firstbell"));
    assert_eq!(one["people"].as_array().unwrap().len(), 6);
    let (status, said) = first.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("Ana Núñez") && said.contains("ana.nunez"), "{said}");

    let (second, two) = demo(&data, &[]);
    assert_eq!(text(&two, "/client/id"), text(&one, "/client/id"));
    assert_eq!(text(&two, "/district/id"), text(&one, "/district/id"));
    assert_eq!(second.stop().0, Some(0));

    let (third, three) = demo(&data, &["--fresh"]);
    assert_ne!(text(&three, "/client/id"), text(&one, "/client/id"));
    assert_eq!(third.stop().0, Some(0));
}

#[test]
fn an_application_can_be_registered_with_a_running_demo() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("demo");
    let (running, about) = demo(&data, &[]);
    let config = data.join("firstbell.toml");
    let arguments = [
        "application",
        "create",
        "--name",
        "Mine",
        "--development",
        "--redirect-uri",
        "http://localhost:3000/callback",
        "--district",
        "ada",
        "--json",
        "--config",
    ];
    let output = program().args(arguments).arg(&config).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    let path =
        format!("/oauth/authorize?response_type=code&client_id={}", text(&reply, "/client_id"));
    let url = format!("{}{path}", text(&about, "/broker"));
    wait_until("the application being known", || {
        get(&url).is_some_and(|(status, _)| status == 303)
    });
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn ports_that_are_taken_are_replaced_and_the_walk_still_holds() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("demo");
    let (first, one) = demo(&data, &[]);
    assert_eq!(first.stop().0, Some(0));
    let port = |address: &str| address.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    // Somebody else may take them first: then they are taken all the same.
    let _broker = TcpListener::bind(("127.0.0.1", port(text(&one, "/broker"))));
    let _school = TcpListener::bind(("127.0.0.1", port(text(&one, "/flightschool"))));
    let mut command = program();
    let output = command.arg("demo").arg("--walk").arg("--data").arg(&data).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("Everything held."), "{said}");
    assert!(!said.contains(text(&one, "/flightschool")), "the port was not replaced: {said}");
}
