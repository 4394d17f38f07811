/* SPDX-License-Identifier: MIT */
/* select-many.c - more entries in the sets of a select than the process may have descriptors: it sleeps all the same. */
#define FD_SETSIZE 256
#include "test.h"

#include <lapwing.h>
#include <sys/resource.h>
#include <time.h>

enum { PAIRS = 15, LIMIT = 50, WAIT_US = 300000 };

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void sleeps_without_turning(void)
{
    struct timeval timeout = { 0, WAIT_US };
    struct rlimit before, low;
    SOCKET s[PAIRS][2];
    fd_set readable, failed;
    double start;

    FD_ZERO(&readable);
    FD_ZERO(&failed);
    for (int i = 0; i < PAIRS; i++) {
        REQUIRE(test_pair(s[i]));
        for (int k = 0; k < 2; k++) FD_SET(s[i][k], &readable), FD_SET(s[i][k], &failed);
    }
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    low = before;
    low.rlim_cur = LIMIT; /* more than there are sockets, less than there are entries */
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    start = cpu_seconds();
    CHECK_EQ(select(0, &readable, NULL, &failed, &timeout), 0);
    CHECK(cpu_seconds() - start < WAIT_US / 1e6 / 5);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (int i = 0; i < PAIRS; i++) closesocket(s[i][0]), closesocket(s[i][1]);
}

static const struct test_case cases[] = { TEST(sleeps_without_turning, "80 select") };

int main(void)
{
    lapwing_keep_nofile_limit();
    return test_main(cases, 1);
}
