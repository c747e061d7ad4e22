// How a proof in this folder speaks: one line a check, which the caller counts.

/** The stage: where the broker is, which application we are, and who may log in. */
export async function readStage() {
  const { readFile } = await import('node:fs/promises')
  return JSON.parse(await readFile(process.argv[2], 'utf8'))
}

/** Runs one check and tells whether it held. */
export async function check(name, body) {
  try {
    await body()
    console.log(`ok - ${name}`)
  } catch (error) {
    process.exitCode = 1
    const said = error?.stack ?? String(error)
    console.log(`not ok - ${name}: ${said.split('\n').slice(0, 6).join(' | ')}`)
    if (error?.cause) console.log(`    because of ${JSON.stringify(error.cause, null, 1)}`)
  }
}

// Whom every library must be able to log in.
export function everybody(stage) {
  return [
    stage.student,
    stage.student_without_email,
    stage.teacher,
    stage.teacher_and_staff,
    ...stage.names,
  ]
}
