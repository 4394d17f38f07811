/* SPDX-License-Identifier: MIT */
/*
 * page.c - the page and its numbers.
 *
 * An answer is sent as it lies in memory: its head, the unchanging parts of the page and the part made for it are
 * separate buffers of one WSASend.  The two example servers have the same copy of this file, so that each directory is
 * complete.
 */
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { MIDDLE_LENGTH = 1536, JSON_LENGTH = 768 }; /* room for the numbers at their longest */

static const char top[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='3' cy='4' r='3' fill='%232a8c82'/%3E%3Ccircle cx='5' cy='4' r='3' fill='%23e0952f' "
    "fill-opacity='.8'/%3E%3C/svg%3E\">\n"
    "<style>\n"
    ":root{--ink:#22302f;--soft:#6a7a78;--paper:#f5f3ee;--card:#fff;--line:#e3dfd6;--teal:#2a8c82;--amber:#e0952f;"
    "--rose:#c4506a}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7ecea;--soft:#93a3a0;--paper:#141a1a;--card:#1d2525;"
    "--line:#2d3837;--teal:#4cb8ac;--amber:#eba94d;--rose:#dd7089}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,'Segoe UI',sans-serif}\n"
    "main{max-width:46rem;margin:0 auto;padding:clamp(1.5rem,7vh,4.5rem) 1.25rem}\n"
    "h1{margin:0;font-size:clamp(1.7rem,5vw,2.4rem);line-height:1.15;letter-spacing:-.02em}\n"
    "p{margin:.7rem 0 0;color:var(--soft)}\n"
    "b,code{color:var(--ink);font:600 .95em ui-monospace,Consolas,monospace}\n"
    "dl{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.8rem 0 0}\n"
    "div{flex:1 1 9.5rem;background:var(--card);border:1px solid var(--line);border-radius:.8rem;padding:.8rem 1rem}\n"
    "dt{color:var(--soft);font-size:.85rem}\n"
    "dd{margin:0;font-size:1.55rem;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}\n"
    "dl+dl{margin-top:.8rem}dl+dl div{flex-basis:7rem}dl+dl dd{font-size:1.1rem}\n"
    "h2{margin:2.2rem 0 .8rem;font-size:1rem}\n"
    "svg{display:block;width:100%;height:3.5rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:.8rem}\n"
    "polyline{fill:none;stroke:var(--teal);stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}\n"
    ".slots{display:grid;grid-template-columns:repeat(21,1fr);gap:.3rem;margin:0}\n"
    ".slots i,.key i{aspect-ratio:1;border-radius:.25rem;background:var(--line)}\n"
    ".key span{display:inline-block;margin-right:1rem}.key i{display:inline-block;width:.75rem;margin-right:.4rem}\n"
    "i.R{background:var(--teal)!important}i.S{background:var(--amber)!important}\n"
    "i.none{background:none!important;border:2px dotted var(--soft)}\n"
    ".gone{color:var(--rose)}\n"
    "</style>\n<title>Overlapped sockets at work</title></head>\n"
    "<body><main>\n<h1>Overlapped sockets at work</h1>\n";

static const char middle[] =
    "<p id=\"by\">%s</p>\n"
    "<p>You are <b id=\"peer\">%s</b>, this end is <b id=\"local\">%s</b>. <span id=\"state\"></span></p>\n"
    "<dl>\n"
    "<div><dt>Requests issued</dt><dd id=\"issued\">%llu</dd></div>\n"
    "<div><dt>Requests pending</dt><dd id=\"pending\">%llu</dd></div>\n"
    "<div><dt>Requests completed</dt><dd id=\"completed\">%llu</dd></div>\n"
    "</dl><dl>\n"
    "<div><dt>Bytes in</dt><dd id=\"bytes_in\">%llu</dd></div>\n"
    "<div><dt>Bytes out</dt><dd id=\"bytes_out\">%llu</dd></div>\n"
    "<div><dt>Connections</dt><dd id=\"open\">%llu</dd></div>\n"
    "<div><dt>Accepted</dt><dd id=\"accepted\">%llu</dd></div>\n"
    "<div><dt>Answered</dt><dd id=\"answered\">%llu</dd></div>\n"
    "</dl>\n"
    "<section id=\"slots\" hidden>%s</section>\n";

static const char bottom[] =
    "<h2>Completed in each second</h2>\n"
    "<svg viewBox=\"0 0 59 20\" preserveAspectRatio=\"none\"><polyline id=\"graph\"/></svg>\n"
    "<p>A request is one overlapped call: <code>AcceptEx</code>, <code>WSARecv</code> or <code>WSASend</code>. "
    "It is pending from its issue until its completion has been seen. The same numbers as JSON: "
    "<a href=\"/stats\" style=\"color:var(--teal)\">/stats</a>.</p>\n"
    "<script>\n"
    "const at=id=>document.getElementById(id),rates=[];let before;\n"
    "function slots(letters){\n"
    "  if(!letters)return;\n"
    "  const what={A:'AcceptEx pending',R:'WSARecv pending',S:'WSASend pending',none:'answering you'};\n"
    "  const box=(c,more)=>`<i class=\"${c}\" title=\"${what[c]}\"></i>${more}`;\n"
    "  const all=[...letters].map(c=>box(c in what?c:'none','')).join('');\n"
    "  const key=Object.keys(what).map(c=>`<span>${box(c,what[c])}</span>`).join('');\n"
    "  at('slots').hidden=false;\n"
    "  at('slots').innerHTML=`<h2>The slots of the server</h2><p class=\"slots\">${all}</p>`+\n"
    "    `<p class=\"key\">${key}</p>`;\n"
    "}\n"
    "function graph(s){\n"
    "  const now=performance.now();\n"
    "  if(before){rates.push((s.completed-before.n)*1000/(now-before.t));if(rates.length>60)rates.shift()}\n"
    "  before={n:s.completed,t:now};\n"
    "  const most=Math.max(10,...rates),x=60-rates.length;\n"
    "  at('graph').setAttribute('points',rates.map((v,i)=>`${x+i},${19-18*v/most}`).join(' '));\n"
    "}\n"
    "async function refresh(){\n"
    "  try{\n"
    "    const s=await(await fetch('/stats')).json();\n"
    "    for(const k in s)if(k!=='slots'&&at(k))at(k).textContent=s[k].toLocaleString('en');\n"
    "    slots(s.slots);graph(s);\n"
    "    at('state').textContent='';\n"
    "  }catch(e){before=0;at('state').className='gone';at('state').textContent='The server does not answer.'}\n"
    "  setTimeout(refresh,1000);\n"
    "}\n"
    "slots(at('slots').textContent);refresh();\n"
    "</script></main></body></html>\n";

static const char json[] =
    "{\"by\":\"%s\",\"peer\":\"%s\",\"local\":\"%s\",\"issued\":%llu,\"pending\":%llu,\"completed\":%llu,"
    "\"bytes_in\":%llu,\"bytes_out\":%llu,\"open\":%llu,\"accepted\":%llu,\"answered\":%llu,"
    "\"slots\":\"%s\"}\n";

/* WSABUF has no const; WSASend does not write. */
static void add(struct reply *reply, const char *text, size_t length)
{
    reply->buffers[reply->count].buf = (char *)text;
    reply->buffers[reply->count].len = (u_long)length;
    reply->count++;
    reply->length += (DWORD)length;
}

/*
 * Prints the numbers as the format says and adds them, filled up with spaces to a fixed length: the number of digits
 * changes, and load generators take an answer of another length for an error.
 */
static void add_numbers(struct reply *reply, const char *format, const struct page *page, size_t length)
{
    const struct counters *n = page->counters;
    int printed =
        snprintf(reply->text, length, format, page->by, page->peer, page->local, n->issued, n->issued - n->completed,
                 n->completed, n->bytes_in, n->bytes_out, n->open, n->accepted, n->answered, page->slots);

    if (printed > 0 && (size_t)printed < length) memset(reply->text + printed, ' ', length - (size_t)printed);
    add(reply, reply->text, length);
}

static int path_is(const struct http_request *request, const char *path)
{
    return request->path_length == strlen(path) && memcmp(request->path, path, request->path_length) == 0;
}

/* Adds the body and returns its type.  The status becomes 404 where there is nothing. */
static const char *add_body(struct reply *reply, const struct http_request *request, const struct page *page,
                            int *status)
{
    if (*status == 200 && path_is(request, "/stats")) {
        add_numbers(reply, json, page, JSON_LENGTH);
        return "application/json";
    }
    if (*status == 200 && path_is(request, "/")) {
        add(reply, top, sizeof top - 1);
        add_numbers(reply, middle, page, MIDDLE_LENGTH);
        add(reply, bottom, sizeof bottom - 1);
        return "text/html";
    }
    if (*status == 200) *status = 404;
    add(reply, reply->text,
        (size_t)snprintf(reply->text, sizeof reply->text, "%d %s\n", *status, http_reason(*status)));
    return "text/plain";
}

void reply_make(struct reply *reply, const struct http_request *request, const struct page *page)
{
    int status = request->status;
    const char *type;
    int head;

    reply->count = 1; /* the head goes first, but needs the length of the body */
    reply->length = 0;
    type = add_body(reply, request, page, &status);
    head = http_head(reply->head, sizeof reply->head, status, type, reply->length, request->keep_alive);
    reply->buffers[0].buf = reply->head;
    reply->buffers[0].len = (u_long)head;
    if (request->head_only) {
        reply->count = 1;
        reply->length = 0;
    }
    reply->length += (DWORD)head;
}
