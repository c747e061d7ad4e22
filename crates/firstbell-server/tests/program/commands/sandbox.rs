use crate::installation::Installation;

#[test]
fn a_sandbox_is_small_or_large_or_a_state() {
    let installation = Installation::new();
    let generate = |more: &[&str]| {
        let words = [&["sandbox", "generate"], more, &["sandbox"]].concat();
        installation.run_well(&words)
    };
    assert!(generate(&[]).contains("3 schools, 60 students"));
    assert!(generate(&["--students", "700"]).contains("1 schools, 700 students"));
    assert!(generate(&["--size", "large", "--students", "700"]).contains("5685 enrolments"));
    assert!(generate(&["--size", "state", "--students", "700"]).contains("6706 enrolments"));
    let both = ["sandbox", "generate", "--size", "small", "--students", "7", "sandbox"];
    assert!(installation.run_badly(&both).contains("--students"));
}
