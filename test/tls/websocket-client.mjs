// Logs in, places an order, and prints the two answers; run by Node. Arguments: url, CA file, key, secret, order. Node
// takes the CA from NODE_EXTRA_CA_CERTS.
const [url, _ca, api_key, api_secret, order] = process.argv.slice(2);
const requests = [
  { id: 1, method: "auth.login", params: { api_key, api_secret } },
  { id: 2, method: "order.place", params: JSON.parse(order) },
];
const socket = new WebSocket(url);
const next = () => {
  const request = requests.shift();
  if (request === undefined) socket.close();
  else socket.send(JSON.stringify(request));
};
socket.onopen = next;
socket.onmessage = ({ data }) => {
  process.stdout.write(`${data}\n`);
  next();
};
socket.onerror = ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
};
