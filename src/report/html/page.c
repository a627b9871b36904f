#include <string.h>

#include "base/options.h"
#include "cramfs/diag.h"
#include "report/html/assets.h"
#include "report/html/html.h"
#include "report/html/put.h"
#include "report/update/sha256.h"

static int put_title(struct html *html)
{
    const char *name = html->options.name ? html->options.name : "cramfs image";
    put_bytes(html->out, PUT_MARKUP, name, strlen(name));
    return 0;
}

static int put_style(struct html *html)
{
    fwrite(html_style, 1, html_style_length, html->out);
    return 0;
}

static int put_script(struct html *html)
{
    fwrite(html_script, 1, html_script_length, html->out);
    return 0;
}

/* By hash, so that the policy allows the page's own style and script and nothing else. */
static int put_hash(struct html *html, const unsigned char *bytes, size_t length)
{
    char base64[SHA256_BASE64_SIZE];
    fputs(sha256_base64(bytes, length, base64), html->out);
    return 0;
}

static int put_style_hash(struct html *html)
{
    return put_hash(html, html_style, html_style_length);
}

static int put_script_hash(struct html *html)
{
    return put_hash(html, html_script, html_script_length);
}

static const struct {
    const char *name;
    int (*put)(struct html *html);
} parts[] = {
    {"title", put_title},
    {"style", put_style},
    {"script", put_script},
    {"style-hash", put_style_hash},
    {"script-hash", put_script_hash},
    {"headline", html_put_headline},
    {"curve", html_put_curve},
    {"differences", html_put_differences},
    {"tables", html_put_tables},
    {"data", html_put_data},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static int put_part(struct html *html, const char *name, size_t length)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (strlen(parts[i].name) == length && memcmp(parts[i].name, name, length) == 0)
            return parts[i].put(html);
    }
    return -CRAMFS_ERR_IO; /* a mistake in page.html, which any test shows */
}

/* The template, with the parts between two @. */
static int put_page(struct html *html)
{
    const char *at = (const char *)html_page;
    const char *end = at + html_page_length;
    int error = 0;
    while (!error && at < end) {
        const char *mark = memchr(at, '@', (size_t)(end - at));
        fwrite(at, 1, (size_t)((mark ? mark : end) - at), html->out);
        if (!mark)
            break;
        const char *close = memchr(mark + 1, '@', (size_t)(end - mark - 1));
        error = close ? put_part(html, mark + 1, (size_t)(close - mark - 1)) : -CRAMFS_ERR_IO;
        at = close ? close + 1 : end;
    }
    return error;
}

int cramfs_print_html(FILE *out, const struct cramfs_view *view,
                      const struct cramfs_html_options *options, struct cramfs_diags *diags)
{
    struct html html = {.out = out, .view = view};
    options_copy(&html.options, sizeof(html.options), options);
    int error = html_find(&html, diags);
    if (!error)
        error = put_page(&html);
    html_free(&html);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
