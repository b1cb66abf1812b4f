import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? "").replace("whsec_", ""), "base64");

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray().catch(() => []));
  const [id, sent, signatures] = ["id", "timestamp", "signature"].map((name) => String(request.headers[`webhook-${name}`]));
  const signature = Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${sent}.`).update(body).digest("base64"));
  const candidates = signatures.split(" ").map((one) => Buffer.from(one)).filter((one) => one.length === signature.length);
  const isSigned = candidates.some((one) => timingSafeEqual(one, signature));
  const isGood = isSigned && Math.abs(Date.now() / 1000 - Number(sent)) < 300;
  response.writeHead(isGood ? 204 : 401).end();
  if (isGood) console.log(JSON.parse(body.toString()).type, id);
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
