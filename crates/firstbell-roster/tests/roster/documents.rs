use firstbell_roster::RosterFault;

#[test]
fn every_fault_is_documented_with_its_words() {
    let document = include_str!("../../../../docs/integrate/roster-csv.md");
    for fault in RosterFault::ALL {
        let row = format!("| {} | ", fault.code());
        let line = document.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("{} is not documented", fault.code()));
        assert!(line.contains(fault.reason()), "{line} does not say: {}", fault.reason());
        assert!(line.contains(fault.remedy()), "{line} does not say: {}", fault.remedy());
    }
}
