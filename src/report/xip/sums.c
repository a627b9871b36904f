/*
 * The sums at the head of the XIP report.
 */
#include <inttypes.h>
#include <string.h>

#include "read/xip/xip.h"
#include "report/text.h"
#include "report/xip/print.h"

enum { MIB = 1 << 20, REASONS = CRAMFS_REASON_SPLIT + 1 };

static double in_mib(uint64_t bytes)
{
    return (double)bytes / (double)MIB;
}

static void print_head(const struct xip_printing *printing)
{
    static const char *const kernels[] = {
        [CRAMFS_KERNEL_MMU] = "a kernel with an MMU",
        [CRAMFS_KERNEL_NOMMU] = "a kernel without MMU",
        [CRAMFS_KERNEL_V3] = "a kernel with the patches of 2017",
        [CRAMFS_KERNEL_FDPIC] = "a kernel that loads FDPIC",
    };
    FILE *out = printing->out;
    const struct cramfs_xip_report *report = printing->report;
    fprintf(out, "XIP report: %" PRIu64 " bytes, %s endian, pages of %" PRIu32 " bytes\n",
            printing->image->reader.size, text_order(printing->image->order),
            printing->image->page_size);
    fprintf(out, "for %s, ", kernels[report->kernel]);
    if (report->address == CRAMFS_ANY_ADDRESS)
        fputs("at any page-aligned physical address\n", out);
    else
        fprintf(out, "at physical address 0x%" PRIx64 "\n", report->address);
    if (report->kernel == CRAMFS_KERNEL_NOMMU)
        fputs("A program under ptrace is copied to RAM (since Linux 6.3), and so is an ELF\n"
              "program that is not FDPIC.\n",
              out);
}

/* A percentage of the possible pages; nothing if no page is possible. */
static void print_share(FILE *out, uint64_t pages, uint64_t all)
{
    if (all)
        fprintf(out, " %6.1f %%", 100.0 * (double)pages / (double)all);
}

static void print_pages(const struct xip_printing *printing)
{
    FILE *out = printing->out;
    const struct cramfs_xip_report *report = printing->report;
    uint64_t page = printing->image->page_size;
    const struct {
        const char *what;
        uint64_t pages;
        bool share;
    } rows[] = {
        {"can be direct", report->possible_pages, true},
        {"  are direct", report->direct_pages, true},
        {"  are lost", report->possible_pages - report->direct_pages, true},
        {"never can be", report->pages - report->possible_pages, false},
    };
    fputs("\npages that         pages      MiB    share\n", out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fprintf(out, "%-16s %7" PRIu64 " %8.2f", rows[i].what, rows[i].pages,
                in_mib(rows[i].pages * page));
        if (rows[i].share)
            print_share(out, rows[i].pages, report->possible_pages);
        putc('\n', out);
    }
}

/* RAM is saved only by pages that are used; only a profile says which pages those are. */
static void print_price(const struct xip_printing *printing)
{
    FILE *out = printing->out;
    const struct cramfs_xip_report *report = printing->report;
    if (report->profiled) {
        fprintf(out,
                "\nRAM saved:  %.2f MiB by this profile: %" PRIu64 " of %" PRIu64
                " touched pages are direct",
                in_mib(report->touched_direct_pages * printing->image->page_size),
                report->touched_direct_pages, report->touched_pages);
        fprintf(out, "\n            (%.2f MiB if all direct pages were used)\n",
                in_mib(report->ram_saved_bytes));
    } else {
        fprintf(
            out,
            "\nRAM saved:  up to %.2f MiB, if all direct pages are used (a profile shows which)\n",
            in_mib(report->ram_saved_bytes));
    }
    fprintf(out, "flash cost: %.2f MiB, an estimate (%s level %d)\n",
            in_mib(report->flash_cost_bytes), cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT),
            CRAMFS_DEFAULT_LEVEL);
}

/*
 * Lost pages and files with lost pages, by reason. The reason of a file is that of its first
 * mapping with a lost page.
 */
struct losses {
    uint64_t pages[REASONS];
    uint64_t files[REASONS];
};

static const char *general_reason(enum cramfs_reason reason, char buffer[64])
{
    if (reason == CRAMFS_REASON_RUN_BROKEN)
        return "block N breaks the run";
    if (reason == CRAMFS_REASON_COPIED)
        return "block N breaks the run: copied to RAM";
    struct cramfs_prediction prediction = {.reason = reason};
    return cramfs_reason_text(&prediction, buffer, 64);
}

static int most_lost(const struct losses *losses)
{
    int most = 0;
    for (int reason = 1; reason < REASONS; reason++)
        most = losses->pages[reason] > losses->pages[most] ? reason : most;
    return most;
}

static void print_losses(const struct xip_printing *printing)
{
    const struct cramfs_xip_report *report = printing->report;
    struct losses losses = {{0}, {0}};
    FILE *out = printing->out;
    if (report->possible_pages == report->direct_pages)
        return;
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = &report->files[i];
        if (!cramfs_xip_lost_pages(file) || xip_further_name(printing->survey, file->entry))
            continue;
        enum cramfs_reason reason = xip_lost_prediction(report, file)->reason;
        losses.pages[reason] += cramfs_xip_lost_pages(file);
        losses.files[reason]++;
    }
    fputs("\nlost pages  files  reason, most pages first (first reason of each file)\n", out);
    for (int reason = most_lost(&losses); losses.pages[reason]; reason = most_lost(&losses)) {
        char buffer[64];
        const char *text = general_reason((enum cramfs_reason)reason, buffer);
        fprintf(out, "%10" PRIu64 " %6" PRIu64 "  %s\n", losses.pages[reason], losses.files[reason],
                text ? text : "-");
        losses.pages[reason] = 0; /* printed */
    }
}

/* Facts about whole files, which are not reasons for lost pages. */
static void print_notes(const struct xip_printing *printing)
{
    const struct cramfs_xip_report *report = printing->report;
    uint64_t copied = 0;
    uint64_t shared = 0;
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = &report->files[i];
        copied += file->kind == CRAMFS_PROGRAM_COPIED;
        shared += file->shares_with != CRAMFS_NO_ENTRY;
    }
    if (copied)
        fprintf(printing->out, "\n%" PRIu64 " programs are copied to RAM by their loader\n",
                copied);
    if (shared && report->kernel == CRAMFS_KERNEL_NOMMU)
        fprintf(printing->out,
                "\nHAZARD: %" PRIu64 " files share pages in place with another file; this kernel "
                "panics\nwhen both are mapped\n",
                shared);
}

void xip_print_sums(const struct xip_printing *printing)
{
    print_head(printing);
    print_pages(printing);
    print_price(printing);
    print_losses(printing);
    print_notes(printing);
}
