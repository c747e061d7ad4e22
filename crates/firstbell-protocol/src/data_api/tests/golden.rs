//! The texts: sample, dialects, and what they print, with line breaks that do not count.

#[rustfmt::skip]
pub(super) const GOLDEN: &[(&str, &[&str], &str)] = &[
    ("district", &["/v2.0"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada","mdr_number":"04848240",
        "nces_id":"4002430","sis_type":"sftp","state":"running",
        "last_sync":"2024-07-10T16:22:11.422Z","launch_date":"2024-07-01T00:00:00.000Z",
        "pause_start":"2024-07-01T00:00:00.000Z","pause_end":"2024-08-01T00:00:00.000Z",
        "error":"The roster is held"}
    "#),
    ("district", &["/v2.1"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada",
        "portal_url":"https://login.example/in/ada","login_methods":["Clever Passwords",
        "Other"],"mdr_number":"04848240","nces_id":"4002430","sis_type":"sftp",
        "state":"running","last_sync":"2024-07-10T16:22:11.422Z",
        "launch_date":"2024-07-01T00:00:00.000Z","pause_start":"2024-07-01T00:00:00.000Z",
        "pause_end":"2024-08-01T00:00:00.000Z","error":"The roster is held",
        "district_contact":{"id":"6298ef2e9e30ed3d9066e118",
        "district":"62817af12d430f5d54001f99","name":{"first":"Kim","last":"Lee"},
        "email":"lee@ada.example","title":"Superintendent"}}
    "#),
    ("district", &["/v3.0"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada",
        "portal_url":"https://login.example/in/ada","login_methods":["Clever Passwords",
        "Other"],"mdr_number":"04848240","nces_id":"4002430","sis_type":"sftp",
        "state":"running","last_sync":"2024-07-10T16:22:11.422Z","launch_date":"2024-07-01",
        "pause_start":"2024-07-01T00:00:00.000Z","pause_end":"2024-08-01T00:00:00.000Z",
        "error":"The roster is held","district_contact":{"id":"62817c88dc4dc002ea40b594",
        "district":"62817af12d430f5d54001f99","name":{"first":"Kim","middle":"","last":"Lee"},
        "email":"lee@ada.example","title":"Superintendent"}}
    "#),
    ("district", &["/v3.1"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada",
        "portal_url":"https://login.example/in/ada","login_methods":["Clever Passwords",
        "Other"],"mdr_number":"04848240","nces_id":"4002430","sis_type":"sftp",
        "state":"running","last_sync":"2024-07-10T16:22:11.422Z","launch_date":"2024-07-01",
        "pause_start":"2024-07-01T00:00:00.000Z","pause_end":"2024-08-01T00:00:00.000Z",
        "error":"The roster is held","district_contact":{"id":"62817c88dc4dc002ea40b594",
        "district":"62817af12d430f5d54001f99","name":{"first":"Kim","middle":"","last":"Lee"},
        "email":"lee@ada.example","title":"Superintendent"},"lms_type":"canvas",
        "lms_state":"success","last_attendance_sync":"2024-07-10T16:22:11.422Z"}
    "#),
    ("sparse district", &["/v2.0"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada","mdr_number":null,"nces_id":null,
        "sis_type":"sftp","state":"","last_sync":null,"pause_start":null,"pause_end":null}
    "#),
    ("sparse district", &["/v2.1", "/v3.0"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada",
        "portal_url":"https://login.example/in/ada","login_methods":[],"mdr_number":null,
        "nces_id":null,"sis_type":"sftp","state":"","last_sync":null,"pause_start":null,
        "pause_end":null}
    "#),
    ("sparse district", &["/v3.1"], r#"
        {"id":"62817af12d430f5d54001f99","name":"Ada",
        "portal_url":"https://login.example/in/ada","login_methods":[],"mdr_number":null,
        "nces_id":null,"sis_type":"sftp","state":"","last_sync":null,"pause_start":null,
        "pause_end":null,"lms_type":"","lms_state":"","last_attendance_sync":null}
    "#),
    ("school", &["/v2.0"], r#"
        {"id":"530e595026403103360ff9fd","district":"62817af12d430f5d54001f99","name":"Elm",
        "school_number":"02","sis_id":"9255","low_grade":"Other","high_grade":"5",
        "state_id":"OK77","mdr_number":"04848242","nces_id":"400243000045","phone":"555 0100",
        "location":{"address":"1 Elm St","city":"Ada","state":"OK","zip":"74820"},
        "principal":{"name":"Kim Lee","email":"lee@ada.example"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("school", &["/v2.1", "/v3.0", "/v3.1"], r#"
        {"id":"530e595026403103360ff9fd","district":"62817af12d430f5d54001f99","name":"Elm",
        "school_number":"02","sis_id":"9255","low_grade":"TransitionalKindergarten",
        "high_grade":"5","state_id":"OK77","mdr_number":"04848242","nces_id":"400243000045",
        "phone":"555 0100","location":{"address":"1 Elm St","city":"Ada","state":"OK",
        "zip":"74820"},"principal":{"name":"Kim Lee","email":"lee@ada.example"},
        "ext":{"bus":"7","lunch":"B"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("sparse school", &["/v2.0"], r#"
        {"id":"530e595026403103360ff9fd","district":"62817af12d430f5d54001f99","name":"Elm",
        "school_number":"02","sis_id":"9255","mdr_number":null,"nces_id":null,
        "location":{"address":"","city":"","state":"","zip":""},"principal":{"name":""}}
    "#),
    ("sparse school", &["/v2.1", "/v3.0", "/v3.1"], r#"
        {"id":"530e595026403103360ff9fd","district":"62817af12d430f5d54001f99","name":"Elm",
        "school_number":"02","sis_id":"9255","mdr_number":null,"nces_id":null,
        "location":{"address":"","city":"","state":"","zip":""},"principal":{"name":""},
        "ext":{}}
    "#),
    ("section", &["/v2.0"], r#"
        {"id":"62817b0a2d430f5d5400200a","district":"62817af12d430f5d54001f99",
        "school":"530e595026403103360ff9fd","course":"5d6000000000000000000001",
        "term_id":"5d7000000000000000000001","sis_id":"X1","name":"Math 4","grade":"Other",
        "subject":"math","section_number":"2","period":"3","teacher":"6298ef2e9e30ed3d9066e118",
        "teachers":["6298ef2e9e30ed3d9066e118","6298ef2e9e30ed3d9066e100"],
        "students":["628000000000000000000001","628000000000000000000002"],
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("section", &["/v2.1"], r#"
        {"id":"62817b0a2d430f5d5400200a","district":"62817af12d430f5d54001f99",
        "school":"530e595026403103360ff9fd","course":"5d6000000000000000000001",
        "term_id":"5d7000000000000000000001","sis_id":"X1","name":"Math 4",
        "grade":"TransitionalKindergarten","subject":"math","section_number":"2","period":"3",
        "ext":{"bus":"7","lunch":"B"},"teacher":"6298ef2e9e30ed3d9066e118",
        "teachers":["6298ef2e9e30ed3d9066e118","6298ef2e9e30ed3d9066e100"],
        "students":["628000000000000000000001","628000000000000000000002"],
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("section", &["/v3.0"], r#"
        {"id":"62817b0a2d430f5d5400200a","district":"62817af12d430f5d54001f99",
        "school":"530e595026403103360ff9fd","course":"5d6000000000000000000001",
        "term_id":"5d7000000000000000000001","sis_id":"X1","name":"Math 4",
        "grade":"TransitionalKindergarten","subject":"math","section_number":"2","period":"3",
        "ext":{"bus":"7","lunch":"B"},"teacher":"62817c88dc4dc002ea40b594",
        "teachers":["62817c88dc4dc002ea40b594","62817c88dc4dc002ea40b500"],
        "students":["629000000000000000000001","629000000000000000000002"],
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("section", &["/v3.1"], r#"
        {"id":"62817b0a2d430f5d5400200a","district":"62817af12d430f5d54001f99",
        "school":"530e595026403103360ff9fd","course":"5d6000000000000000000001",
        "term_id":"5d7000000000000000000001","sis_id":"X1","name":"Math 4",
        "grade":"TransitionalKindergarten","subject":"math","section_number":"2","period":"3",
        "ext":{"bus":"7","lunch":"B"},"teacher":"62817c88dc4dc002ea40b594",
        "teachers":["62817c88dc4dc002ea40b594","62817c88dc4dc002ea40b500"],
        "students":["629000000000000000000001","629000000000000000000002"],
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "lms_status":{"synced_in_lms":false}}
    "#),
    ("sparse section", &["/v2.0", "/v2.1", "/v3.0", "/v3.1"], r#"
        {"id":"62817b0a2d430f5d5400200a","district":"62817af12d430f5d54001f99",
        "school":"530e595026403103360ff9fd","course":null,"term_id":null,"sis_id":"X1",
        "name":"Math 4","period":null,"teachers":[],"students":[],
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}
    "#),
    ("term", &["/v2.0", "/v2.1", "/v3.0", "/v3.1"], r#"
        {"id":"5d7000000000000000000001","district":"62817af12d430f5d54001f99","name":"Fall",
        "start_date":"2024-08-01","end_date":"2024-12-20"}
    "#),
    ("course", &["/v2.0", "/v2.1", "/v3.0", "/v3.1"], r#"
        {"id":"5d6000000000000000000001","district":"62817af12d430f5d54001f99","name":"Math",
        "number":"M4"}
    "#),
    ("contact", &["/v2.0", "/v2.1"], r#"
        {"id":"5d9000000000000000000002","district":"62817af12d430f5d54001f99",
        "name":"Eva L Cruz","sis_id":"C1","email":"eva@home.example","phone":"555 0101",
        "phone_type":"Cell","type":"Parent/Guardian","relationship":"Parent",
        "students":["628000000000000000000001","628000000000000000000002"]}
    "#),
    ("contact", &["/v3.0", "/v3.1"], r#"
        {"id":"5d9000000000000000000001","district":"62817af12d430f5d54001f99",
        "email":"eva@home.example","name":{"first":"Eva","middle":"L","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"contact":{"legacy_id":"5d9000000000000000000002","sis_id":"C1",
        "phone":"555 0101","phone_type":"Cell",
        "student_relationships":[{"student":"629000000000000000000002","relationship":"Parent",
        "type":"Parent/Guardian"},{"student":"629000000000000000000001","relationship":"Other",
        "type":""}]}}}
    "#),
    ("sparse contact", &["/v2.0", "/v2.1"], r#"
        {"id":"5d9000000000000000000002","district":"62817af12d430f5d54001f99","name":"Cruz",
        "phone_type":"","type":"","relationship":"","students":[]}
    "#),
    ("sparse contact", &["/v3.0", "/v3.1"], r#"
        {"id":"5d9000000000000000000001","district":"62817af12d430f5d54001f99",
        "name":{"first":"","middle":"","last":"Cruz"},
        "roles":{"contact":{"legacy_id":"5d9000000000000000000002","phone_type":"",
        "student_relationships":[]}}}
    "#),
    ("student", &["/v2.0"], r#"
        {"id":"628000000000000000000001","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "grade":"Other","sis_id":"S1","created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "student_number":"1007","graduation_year":"2030","dob":"2/29/2012",
        "race":"Two or More Races","hispanic_ethnicity":"N","ell_status":"N",
        "location":{"address":"1 Elm St","city":"Ada","state":"OK","zip":"74820"},
        "credentials":{"district_username":"ana"},"gender":"","frl_status":"Reduced",
        "iep_status":"N","home_language":"Kannada"}
    "#),
    ("student", &["/v2.1"], r#"
        {"id":"628000000000000000000001","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "grade":"TransitionalKindergarten","sis_id":"S1","created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "student_number":"1007","graduation_year":"2030","dob":"2/29/2012",
        "race":"Two or More Races","hispanic_ethnicity":"N","ell_status":"N",
        "location":{"address":"1 Elm St","city":"Ada","state":"OK","zip":"74820"},
        "credentials":{"district_username":"ana"},"gender":"X","frl_status":"Reduced",
        "iep_status":"N","home_language":"Kannada","enrollments":[],"ext":{"bus":"7",
        "lunch":"B"}}
    "#),
    ("student", &["/v3.0"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"student":{"legacy_id":"628000000000000000000001","sis_id":"S1",
        "grade":"TransitionalKindergarten","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "student_number":"1007","graduation_year":"2030","dob":"2/29/2012",
        "race":"Two or More Races","hispanic_ethnicity":"N","ell_status":"N",
        "location":{"address":"1 Elm St","city":"Ada","state":"OK","zip":"74820"},
        "credentials":{"district_username":"ana"},"gender":"X","enrollments":[],
        "ext":{"bus":"7","lunch":"B"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z"}}}
    "#),
    ("student", &["/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"student":{"legacy_id":"628000000000000000000001","sis_id":"S1",
        "grade":"TransitionalKindergarten","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "student_number":"1007","graduation_year":"2030","dob":"2/29/2012",
        "race":"Two or More Races","hispanic_ethnicity":"N","ell_status":"N",
        "location":{"address":"1 Elm St","city":"Ada","state":"OK","zip":"74820"},
        "credentials":{"district_username":"ana"},"gender":"X","enrollments":[],
        "ext":{"bus":"7","lunch":"B"},"preferred_name":{"first":"Annie","middle":"","last":""},
        "frl_status":"Reduced","iep_status":"N","section_504_status":"N","gifted_status":"Y",
        "home_language":"Kannada","home_language_code":"kan",
        "disability":{"disability_status":"Y","disability_type":"Specific learning disability",
        "disability_code":"sld"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z"}},"lms_status":{"synced_in_lms":true}}
    "#),
    ("teacher", &["/v2.0"], r#"
        {"id":"6298ef2e9e30ed3d9066e118","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "sis_id":"T1","created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "teacher_number":"31","title":"Head","credentials":{"district_username":"ana"}}
    "#),
    ("teacher", &["/v2.1"], r#"
        {"id":"6298ef2e9e30ed3d9066e118","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "sis_id":"T1","created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z","school":"530e595026403103360ff9fd",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"state_id":"OK77",
        "teacher_number":"31","title":"Head","credentials":{"district_username":"ana"},
        "ext":{"bus":"7","lunch":"B"}}
    "#),
    ("teacher", &["/v3.0"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"teacher":{"legacy_id":"6298ef2e9e30ed3d9066e118","sis_id":"T1",
        "school":"530e595026403103360ff9fd","schools":["530e595026403103360ff9fd",
        "530e595026403103360ff9fe"],"state_id":"OK77","teacher_number":"31","title":"Head",
        "credentials":{"district_username":"ana"},"ext":{"bus":"7","lunch":"B"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}}}
    "#),
    ("teacher", &["/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"teacher":{"legacy_id":"6298ef2e9e30ed3d9066e118","sis_id":"T1",
        "school":"530e595026403103360ff9fd","schools":["530e595026403103360ff9fd",
        "530e595026403103360ff9fe"],"state_id":"OK77","teacher_number":"31","title":"Head",
        "credentials":{"district_username":"ana"},"ext":{"bus":"7","lunch":"B"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}},
        "lms_status":{"synced_in_lms":true}}
    "#),
    ("staff", &["/v2.0"], r#"
        {"id":"62817af1d65e86e415b6f600","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","last":"Cruz"},"staff_id":"A1",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"title":"Head",
        "credentials":{"district_username":"ana"}}
    "#),
    ("staff", &["/v2.1"], r#"
        {"id":"62817af1d65e86e415b6f600","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","last":"Cruz"},"staff_id":"A1",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"department":"Music",
        "title":"Head","credentials":{"district_username":"ana"},"ext":{"bus":"7","lunch":"B"}}
    "#),
    ("staff", &["/v3.0"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"staff":{"legacy_id":"62817af1d65e86e415b6f600","staff_id":"A1",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"department":"Music",
        "roles":["Principal"],"title":"Head","credentials":{"district_username":"ana"},
        "ext":{"bus":"7","lunch":"B"}}}}
    "#),
    ("staff", &["/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"staff":{"legacy_id":"62817af1d65e86e415b6f600","staff_id":"A1",
        "schools":["530e595026403103360ff9fd","530e595026403103360ff9fe"],"department":"Music",
        "roles":["Principal"],"title":"Head","credentials":{"district_username":"ana"},
        "ext":{"bus":"7","lunch":"B"}}},"lms_status":{"synced_in_lms":true}}
    "#),
    ("district admin", &["/v2.0", "/v2.1"], r#"
        {"id":"62817af1d65e86e415b6f68d","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","last":"Cruz"},"title":"Head"}
    "#),
    ("district admin", &["/v3.0"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"district_admin":{"legacy_id":"62817af1d65e86e415b6f68d","title":"Head"}}}
    "#),
    ("district admin", &["/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "email":"pe@bot.example","name":{"first":"Ana","middle":"B","last":"Cruz"},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"district_admin":{"legacy_id":"62817af1d65e86e415b6f68d","title":"Head"}},
        "lms_status":{"synced_in_lms":true}}
    "#),
    ("sparse student", &["/v2.0"], r#"
        {"id":"628000000000000000000001","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"sis_id":"S1",
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "schools":[],"dob":null,"race":"","hispanic_ethnicity":"","ell_status":"",
        "location":{"address":"","city":"","state":"","zip":""},"credentials":{},"gender":"",
        "frl_status":"","iep_status":"","home_language":""}
    "#),
    ("sparse student", &["/v2.1"], r#"
        {"id":"628000000000000000000001","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"sis_id":"S1",
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "schools":[],"dob":null,"race":"","hispanic_ethnicity":"","ell_status":"",
        "location":{"address":"","city":"","state":"","zip":""},"credentials":{},"gender":"",
        "frl_status":"","iep_status":"","home_language":"","enrollments":[],"ext":{}}
    "#),
    ("sparse student", &["/v3.0"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"student":{"legacy_id":"628000000000000000000001","sis_id":"S1","schools":[],
        "dob":null,"race":"","hispanic_ethnicity":"","ell_status":"","location":{"address":"",
        "city":"","state":"","zip":""},"credentials":{},"gender":"","enrollments":[],"ext":{},
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z"}}}
    "#),
    ("sparse student", &["/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"student":{"legacy_id":"628000000000000000000001","sis_id":"S1","schools":[],
        "dob":null,"race":"","hispanic_ethnicity":"","ell_status":"","location":{"address":"",
        "city":"","state":"","zip":""},"credentials":{},"gender":"","enrollments":[],"ext":{},
        "frl_status":"","iep_status":"","section_504_status":"","gifted_status":"",
        "home_language":"","home_language_code":"","disability":{"disability_status":"",
        "disability_type":null,"disability_code":null},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z"}}}
    "#),
    ("sparse teacher", &["/v2.0"], r#"
        {"id":"6298ef2e9e30ed3d9066e118","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"sis_id":"T1",
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "schools":[],"credentials":{}}
    "#),
    ("sparse teacher", &["/v2.1"], r#"
        {"id":"6298ef2e9e30ed3d9066e118","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"sis_id":"T1",
        "created":"2022-05-15T22:20:03.535Z","last_modified":"2024-07-10T16:22:11.422Z",
        "schools":[],"credentials":{},"ext":{}}
    "#),
    ("sparse teacher", &["/v3.0", "/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"teacher":{"legacy_id":"6298ef2e9e30ed3d9066e118","sis_id":"T1","schools":[],
        "credentials":{},"ext":{},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z"}}}
    "#),
    ("sparse staff", &["/v2.0"], r#"
        {"id":"62817af1d65e86e415b6f600","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","last":"Bot"},"staff_id":"A1","schools":[],"credentials":{}}
    "#),
    ("sparse staff", &["/v2.1"], r#"
        {"id":"62817af1d65e86e415b6f600","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","last":"Bot"},"staff_id":"A1","schools":[],"credentials":{},
        "ext":{}}
    "#),
    ("sparse staff", &["/v3.0", "/v3.1"], r#"
        {"id":"62817c88dc4dc002ea40b594","district":"62817af12d430f5d54001f99",
        "name":{"first":"PE","middle":"","last":"Bot"},"created":"2022-05-15T22:20:03.535Z",
        "last_modified":"2024-07-10T16:22:11.422Z",
        "roles":{"staff":{"legacy_id":"62817af1d65e86e415b6f600","staff_id":"A1","schools":[],
        "roles":[],"credentials":{},"ext":{}}}}
    "#),
    ("resource", &["/v3.0", "/v3.1"], r#"
        {"id":"5d8000000000000000000001","district":"62817af12d430f5d54001f99",
        "resource_id":"book-1","title":"Sums","roles":["teacher"],
        "created":"2022-05-15T22:20:03.535Z","updated":"2024-07-10T16:22:11.422Z"}
    "#),
];
