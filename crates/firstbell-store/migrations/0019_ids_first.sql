-- An id is of one district alone, so what is looked for by its id is found by that: keys part at their
-- first column, where they had twelve bytes in common, and an import compares nothing as often as these.
DROP INDEX enrollments_by_student;
CREATE INDEX enrollments_by_student ON enrollments (student_id, district_id);
DROP INDEX contact_students_by_student;
CREATE INDEX contact_students_by_student ON contact_students (student_id, district_id);
DROP INDEX section_teachers_by_role;
CREATE INDEX section_teachers_by_role ON section_teachers (role_id, district_id);
DROP INDEX user_roles_by_role;
CREATE INDEX user_roles_by_role ON user_roles (role_id, district_id, since, until, user_id);
DROP INDEX contacts_by_role;
CREATE INDEX contacts_by_role ON contacts (role_id, district_id);
DROP INDEX resource_courses_by_course;
CREATE INDEX resource_courses_by_course ON resource_courses (course_id, district_id);
