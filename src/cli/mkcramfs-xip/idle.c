#include "cli/mkcramfs-xip/idle.h"

#include <inttypes.h>
#include <sys/stat.h>

/* Why an option has no effect; NULL if it has one. */
static const char *without_xip(const struct arguments *arguments)
{
    const bool rules = arguments->xip.rule_files_count || arguments->xip.sticky;
    if (arguments->plan.legacy)
        return "a --legacy image has nothing in place";
    return arguments->plan.xip == CRAMFS_XIP_NONE && !rules ? "--xip=none puts nothing in place"
                                                            : NULL;
}

static const char *without_like(const struct arguments *arguments)
{
    return arguments->flash.like ? NULL : "--like is not given";
}

static const char *without_erase_blocks(const struct arguments *arguments)
{
    return arguments->flash.like || arguments->flash.pad_to_erase_block
               ? NULL
               : "neither --like nor --pad-to=erase-block is given";
}

static const char *without_padding(const struct arguments *arguments)
{
    return arguments->flash.pad_to || arguments->flash.pad_to_erase_block ? NULL
                                                                          : "--pad-to is not given";
}

static const char *without_profile(const struct arguments *arguments)
{
    return arguments->xip.profile_path ? NULL : "--xip-profile is not given";
}

static const char *with_one_owner(const struct arguments *arguments)
{
    return arguments->owners.uid.all ? "--all-root or --owner gives everything one owner" : NULL;
}

void report_idle_options(const struct arguments *arguments)
{
    static const struct {
        int key;
        const char *name;
        enum cramfs_severity severity;
        const char *(*reason)(const struct arguments *arguments);
    } options[] = {
        {KEY_XIP_BUDGET, "--xip-budget", CRAMFS_WARNING, without_xip},
        {KEY_XIP_PROFILE, "--xip-profile", CRAMFS_WARNING, without_xip},
        {KEY_XIP_SPLIT, "--xip-split", CRAMFS_WARNING, without_xip},
        {KEY_MAP_UID, "--map-uid", CRAMFS_WARNING, with_one_owner},
        {KEY_MAP_GID, "--map-gid", CRAMFS_WARNING, with_one_owner},
        {KEY_UID_OFFSET, "--uid-offset", CRAMFS_WARNING, with_one_owner},
        {KEY_GID_OFFSET, "--gid-offset", CRAMFS_WARNING, with_one_owner},
        {KEY_KERNEL, "--kernel", CRAMFS_NOTE, without_xip},
        {KEY_SLACK, "--slack", CRAMFS_NOTE, without_like},
        {KEY_ERASE_BLOCK, "--erase-block", CRAMFS_NOTE, without_erase_blocks},
        {KEY_FILL, "--fill", CRAMFS_NOTE, without_padding},
        {KEY_STALE_PROFILE, "--stale-profile", CRAMFS_NOTE, without_profile},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *reason =
            arguments->given[options[i].key - KEY_FIRST] ? options[i].reason(arguments) : NULL;
        if (reason)
            cramfs_report(arguments->diags, options[i].severity, CRAMFS_ERR_USAGE, NULL,
                          "%s has no effect: %s%s", options[i].name, reason,
                          options[i].severity == CRAMFS_NOTE ? "" : "; leave out one of the two");
    }
}

void report_idle_excludes(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->sources.excludes.list_count; i++) {
        const struct cramfs_exclude *exclude = &arguments->sources.excludes.list[i];
        if (!exclude->matches)
            cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, NULL,
                          "--exclude: nothing matches '%s'; correct it or leave it out",
                          exclude->pattern);
    }
}

/* Whether a node has the number that the map replaces, and no earlier map replaces it. */
static bool map_has_effect(const struct cramfs_id_rule *rule, size_t number, bool uid,
                           const struct cramfs_tree *tree)
{
    uint32_t from = rule->maps[number].from;
    for (size_t i = 0; i < number; i++) {
        if (rule->maps[i].from == from)
            return false;
    }
    for (const struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));) {
        if ((uid ? node->uid : node->gid) == from)
            return true;
    }
    return false;
}

static void report_maps(const struct arguments *arguments, const struct cramfs_tree *tree, bool uid)
{
    const struct cramfs_id_rule *rule = uid ? &arguments->owners.uid : &arguments->owners.gid;
    for (size_t i = 0; !rule->all && i < rule->maps_count; i++) {
        const struct cramfs_id_map *map = &rule->maps[i];
        if (!map_has_effect(rule, i, uid, tree))
            cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, NULL,
                          "--map-%s=%" PRIu32 ":%" PRIu32
                          " has no effect: no file is left with %s %" PRIu32
                          "; correct it or leave it out",
                          uid ? "uid" : "gid", map->from, map->to, uid ? "uid" : "gid", map->from);
    }
}

void report_idle_maps(const struct arguments *arguments, const struct cramfs_tree *tree)
{
    report_maps(arguments, tree, true);
    report_maps(arguments, tree, false);
}

void report_idle_sticky(const struct arguments *arguments, const struct cramfs_tree *tree)
{
    if (!arguments->xip.sticky)
        return;
    for (const struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));) {
        if (S_ISREG(node->mode) && node->mode & S_ISVTX)
            return;
    }
    cramfs_report(arguments->diags, CRAMFS_NOTE, CRAMFS_ERR_USAGE, NULL,
                  "--xip-sticky has no effect: no file has the sticky bit");
}

static bool rules_ask(const struct cramfs_xip_rules *rules)
{
    for (size_t i = 0; i < rules->list_count; i++) {
        if (rules->list[i].xip != CRAMFS_XIP_NONE && rules->list[i].xip != CRAMFS_XIP_STORED)
            return true;
    }
    return false;
}

/* The option that requests pages in place, the most specific first. */
static const char *who_asks(const struct arguments *arguments, const struct cramfs_xip_rules *rules)
{
    if (without_xip(arguments) || (arguments->xip.budget && !arguments->plan.budget))
        return NULL;
    if (rules_ask(rules))
        return "--xip-rules";
    if (arguments->xip.profile_path)
        return "--xip-profile";
    if (arguments->xip.budget)
        return "--xip-budget";
    if (arguments->plan.kernel == CRAMFS_KERNEL_NOMMU)
        return arguments->xip.letters ? "-X" : "--kernel=nommu";
    return arguments->plan.kernel == CRAMFS_KERNEL_FDPIC ? "--kernel=fdpic" : NULL;
}

void report_nothing_in_place(const struct arguments *arguments,
                             const struct cramfs_xip_rules *rules,
                             const struct cramfs_plan_summary *summary)
{
    const char *option = who_asks(arguments, rules);
    bool could_be = arguments->plan.choose && summary->budget.next_pages; /* for more flash */
    if (!option || summary->in_place_pages || could_be)
        return;
    cramfs_report(arguments->diags, CRAMFS_WARNING, CRAMFS_ERR_USAGE, NULL,
                  "nothing is in place, though %s asks for pages in place: %s; --verbose prints "
                  "the reason for each file",
                  option,
                  arguments->plan.kernel == CRAMFS_KERNEL_NOMMU
                      ? "no file is a bFLT or FDPIC program that a kernel without MMU runs in place"
                      : "none of the pages it chooses can be in place");
}

int conclude_warnings(const struct arguments *arguments, int error)
{
    int promoted = arguments->strict ? promote_warnings(arguments->diags) : 0;
    return error ? error : promoted;
}
