// oidc-provider as its own documentation starts it, with its memory adapter, its development pages
// and its development keys: node server.mjs <port> <client id> <client secret> <redirect URI>.

import Provider from 'oidc-provider'

const [port, client_id, client_secret, redirect_uri] = process.argv.slice(2)
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  // Neither of the two servers asks for it in this comparison.
  pkce: { required: () => false },
})
provider.listen(Number(port), '127.0.0.1')
