// How a proof in this folder speaks: one line a check, which the caller counts.

/** Runs one check and tells whether it held. */
export async function check(name, body) {
  try {
    await body()
    console.log(`ok - ${name}`)
  } catch (error) {
    process.exitCode = 1
    const said = String(error?.stack ?? error).replaceAll(/\u001b\[\d+m/g, '')
    console.log(`not ok - ${name}: ${said.split('\n').slice(0, 12).join(' | ')}`)
  }
}
