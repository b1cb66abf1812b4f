import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET!);

createServer(async (request, response) => {
  try {
    const headers = request.headers as Record<string, string>;
    const event = webhook.verify(await text(request), headers) as { type: string; id: string };
    response.writeHead(204).end();
    console.log(event.type, event.id);
  } catch {
    response.writeHead(401).end(); // the signature does not fit
  }
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
