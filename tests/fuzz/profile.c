/*
 * A profile; each of its files is compared with the profile's own bytes.
 */
#include "fuzz.h"

#include <string.h>

#include "cramfs/profile.h"

static void look_up(const struct cramfs_profile *profile, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < cramfs_profile_count(profile); i++) {
        const char *path = cramfs_profile_path(profile, i);
        FUZZ_EXPECT(i == 0 || strcmp(cramfs_profile_path(profile, i - 1), path) < 0);
        const struct cramfs_profile_file *file = cramfs_profile_find(profile, path);
        FUZZ_EXPECT(file);
        FUZZ_EXPECT(cramfs_profile_touches(file, 0, 4096) <=
                    cramfs_profile_touches(file, 0, UINT32_MAX));
        char text[128];
        const char *difference = cramfs_profile_difference(file, bytes, size, text, sizeof(text));
        FUZZ_EXPECT(!difference || strlen(difference) < sizeof(text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_diags diags = {0};
    struct cramfs_profile *profile = NULL;
    int error = cramfs_profile_read(fuzz_file(bytes, size), &profile, &diags);
    FUZZ_EXPECT((error != 0) == (profile == NULL));
    FUZZ_EXPECT((error != 0) == (diags.errors > 0));
    if (profile)
        look_up(profile, bytes, size);
    cramfs_profile_free(profile);
    cramfs_diags_free(&diags);
    return 0;
}
