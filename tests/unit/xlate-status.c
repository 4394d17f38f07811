/* SPDX-License-Identifier: MIT */
/*
 * xlate-status.c - errno, NTSTATUS, Winsock and Win32 codes.
 *
 * The expectations are the numbers of contract 97, written out: the names in
 * the library's own tables are checked by them, too.
 */
#include "unit.h"
#include "xlate/status.h"

#include <errno.h>

struct status_row {
    unsigned status;
    int wsa;
    unsigned win32;
};

/* Contract 97, "NTSTATUS -> WSA error -> Win32 error"; PENDING is 997 here, waiting for it is the caller's business. */
static const struct status_row statuses[] = {
    { 0x00000000u, 0, 0 },        /* SUCCESS */
    { 0x00000103u, 997, 997 },    /* PENDING */
    { 0x80000005u, 10040, 234 },  /* BUFFER_OVERFLOW */
    { 0xC0000002u, 10045, 1 },    /* NOT_IMPLEMENTED */
    { 0xC0000005u, 10014, 998 },  /* ACCESS_VIOLATION */
    { 0xC0000007u, 10055, 1454 }, /* PAGEFILE_QUOTA */
    { 0xC0000008u, 10038, 6 },    /* INVALID_HANDLE */
    { 0xC000000Du, 10022, 87 },   /* INVALID_PARAMETER */
    { 0xC000000Eu, 10050, 433 },  /* NO_SUCH_DEVICE */
    { 0xC000000Fu, 10050, 2 },    /* NO_SUCH_FILE */
    { 0xC0000010u, 10022, 1 },    /* INVALID_DEVICE_REQUEST */
    { 0xC0000011u, 10022, 38 },   /* END_OF_FILE */
    { 0xC0000017u, 10055, 8 },    /* NO_MEMORY */
    { 0xC0000018u, 10055, 487 },  /* CONFLICTING_ADDRESSES */
    { 0xC0000022u, 10013, 5 },    /* ACCESS_DENIED */
    { 0xC0000023u, 10014, 122 },  /* BUFFER_TOO_SMALL */
    { 0xC0000024u, 10038, 6 },    /* OBJECT_TYPE_MISMATCH */
    { 0xC0000034u, 10050, 2 },    /* OBJECT_NAME_NOT_FOUND */
    { 0xC000003Au, 10050, 3 },    /* OBJECT_PATH_NOT_FOUND */
    { 0xC0000043u, 10048, 32 },   /* SHARING_VIOLATION */
    { 0xC0000044u, 10055, 1816 }, /* QUOTA_EXCEEDED */
    { 0xC0000097u, 10055, 8 },    /* TOO_MANY_PAGING_FILES */
    { 0xC000009Au, 10055, 1450 }, /* INSUFFICIENT_RESOURCES */
    { 0xC00000A1u, 10055, 1453 }, /* WORKING_SET_QUOTA */
    { 0xC00000A3u, 10035, 21 },   /* DEVICE_NOT_READY */
    { 0xC00000B0u, 10058, 233 },  /* PIPE_DISCONNECTED */
    { 0xC00000B5u, 10060, 121 },  /* IO_TIMEOUT */
    { 0xC00000BBu, 10045, 50 },   /* NOT_SUPPORTED */
    { 0xC00000BCu, 10061, 51 },   /* REMOTE_NOT_LISTENING */
    { 0xC00000BEu, 10051, 53 },   /* BAD_NETWORK_PATH */
    { 0xC00000BFu, 10050, 54 },   /* NETWORK_BUSY */
    { 0xC00000C3u, 10050, 58 },   /* INVALID_NETWORK_RESPONSE */
    { 0xC00000C4u, 10050, 59 },   /* UNEXPECTED_NETWORK_ERROR */
    { 0xC00000D0u, 10035, 71 },   /* REQUEST_NOT_ACCEPTED */
    { 0xC000011Fu, 10022, 4 },    /* TOO_MANY_OPENED_FILES */
    { 0xC0000120u, 995, 995 },    /* CANCELLED */
    { 0xC000012Du, 10055, 1455 }, /* COMMITMENT_LIMIT */
    { 0xC000013Bu, 10053, 64 },   /* LOCAL_DISCONNECT */
    { 0xC000013Cu, 10054, 64 },   /* REMOTE_DISCONNECT */
    { 0xC000013Du, 10055, 51 },   /* REMOTE_RESOURCES */
    { 0xC000013Eu, 10054, 59 },   /* LINK_FAILED */
    { 0xC000013Fu, 10060, 59 },   /* LINK_TIMEOUT */
    { 0xC0000140u, 10057, 59 },   /* INVALID_CONNECTION */
    { 0xC0000141u, 10049, 59 },   /* INVALID_ADDRESS */
    { 0xC0000206u, 10040, 1784 }, /* INVALID_BUFFER_SIZE */
    { 0xC0000207u, 10049, 1214 }, /* INVALID_ADDRESS_COMPONENT */
    { 0xC0000209u, 10055, 68 },   /* TOO_MANY_ADDRESSES */
    { 0xC000020Au, 10048, 52 },   /* ADDRESS_ALREADY_EXISTS */
    { 0xC000020Bu, 10022, 64 },   /* ADDRESS_CLOSED */
    { 0xC000020Cu, 10054, 64 },   /* CONNECTION_DISCONNECTED */
    { 0xC000020Du, 10054, 64 },   /* CONNECTION_RESET */
    { 0xC000020Fu, 10053, 59 },   /* TRANSACTION_ABORTED */
    { 0xC0000225u, 10022, 1168 }, /* NOT_FOUND */
    { 0xC0000236u, 10061, 1225 }, /* CONNECTION_REFUSED */
    { 0xC0000237u, 10101, 1226 }, /* GRACEFUL_DISCONNECT */
    { 0xC0000238u, 10022, 1227 }, /* ADDRESS_ALREADY_ASSOCIATED */
    { 0xC000023Au, 10022, 1229 }, /* CONNECTION_INVALID */
    { 0xC000023Bu, 10056, 1230 }, /* CONNECTION_ACTIVE */
    { 0xC000023Cu, 10051, 1231 }, /* NETWORK_UNREACHABLE */
    { 0xC000023Du, 10065, 1232 }, /* HOST_UNREACHABLE */
    { 0xC000023Eu, 10051, 1233 }, /* PROTOCOL_UNREACHABLE */
    { 0xC000023Fu, 10054, 1234 }, /* PORT_UNREACHABLE */
    { 0xC0000240u, 10004, 1235 }, /* REQUEST_ABORTED */
    { 0xC0000241u, 10053, 1236 }, /* CONNECTION_ABORTED */
    { 0xC00002C5u, 10014, 998 },  /* DATATYPE_MISALIGNMENT_ERROR */
    { 0xC0000350u, 10064, 1256 }, /* HOST_DOWN */
    { 0xC0000001u, 10022, 31 },   /* UNSUCCESSFUL */
    { 0x800703E4u, 996, 996 },    { 0xC00103E4u, 996, 996 }, { 0xC00703E4u, 996, 996 },
};

struct errno_row {
    int err;
    unsigned status; /* contract 97, "errno -> NTSTATUS for completions" */
    int wsa;         /* contract 97, column errno of the WSAE codes */
};

static const struct errno_row errnos[] = {
    { EBADF, 0xC0000008u, 10038 },           { EPERM, 0xC0000022u, 10013 },
    { EACCES, 0xC0000022u, 10013 },          { EFAULT, 0xC0000005u, 10014 },
    { EINVAL, 0xC000000Du, 10022 },          { EDESTADDRREQ, 0xC000000Du, 10039 },
    { ENOPROTOOPT, 0xC000000Du, 10042 },     { EMFILE, 0xC000011Fu, 10024 },
    { ENFILE, 0xC000011Fu, 10024 },          { EAGAIN, 0xC00000A3u, 10035 },
    { EWOULDBLOCK, 0xC00000A3u, 10035 },     { EINPROGRESS, 0xC00000A3u, 10035 },
    { EALREADY, 0xC00000BFu, 10037 },        { ENETDOWN, 0xC00000BFu, 10050 },
    { ENOTSOCK, 0xC0000024u, 10038 },        { EMSGSIZE, 0x80000005u, 10040 },
    { EPROTONOSUPPORT, 0xC00000BBu, 10043 }, { ESOCKTNOSUPPORT, 0xC00000BBu, 10044 },
    { EPFNOSUPPORT, 0xC00000BBu, 10046 },    { EAFNOSUPPORT, 0xC00000BBu, 10047 },
    { EPROTOTYPE, 0xC00000BBu, 10041 },      { EOPNOTSUPP, 0xC00000BBu, 10045 },
    { ENOTSUP, 0xC00000BBu, 10045 },         { EADDRINUSE, 0xC0000043u, 10048 },
    { EADDRNOTAVAIL, 0xC0000207u, 10049 },   { ENODEV, 0xC0000207u, 10049 },
    { ECONNREFUSED, 0xC0000236u, 10061 },    { ESHUTDOWN, 0xC00000B0u, 10058 },
    { ENOTCONN, 0xC0000140u, 10057 },        { ETIMEDOUT, 0xC00000B5u, 10060 },
    { ENETUNREACH, 0xC000023Cu, 10051 },     { EHOSTUNREACH, 0xC000023Du, 10065 },
    { EPIPE, 0xC000020Du, 10054 },           { ECONNRESET, 0xC000020Du, 10054 },
    { ECONNABORTED, 0xC0000241u, 10053 },    { EISCONN, 0xC000023Bu, 10056 },
    { ECANCELED, 0xC0000120u, 995 },         { ENOMEM, 0xC0000017u, 10055 },
    { ENOBUFS, 0xC000009Au, 10055 },         { EHOSTDOWN, 0xC0000350u, 10064 },
    { EINTR, 0xC0000240u, 10004 },           { ENETRESET, 0xC0000001u, 10052 },
    { ETOOMANYREFS, 0xC0000001u, 10059 },    { ELOOP, 0xC0000001u, 10062 },
    { ENAMETOOLONG, 0xC0000001u, 10063 },    { ENOTEMPTY, 0xC0000001u, 10066 },
    { EUSERS, 0xC0000001u, 10068 },          { EDQUOT, 0xC0000001u, 10069 },
    { ESTALE, 0xC0000001u, 10070 },          { EREMOTE, 0xC0000001u, 10071 },
    { EXDEV, 0xC0000001u, 10022 }, /* nobody expects it: a plain failure */
};

enum {
    STATUSES = (int)(sizeof(statuses) / sizeof(statuses[0])),
    ERRNOS = (int)(sizeof(errnos) / sizeof(errnos[0])),
};

static void statuses_have_the_winsock_codes_of_the_contract(void)
{
    for (int i = 0; i < STATUSES; i++) {
        if (!CHECK_EQ(lw_status_to_wsa((NTSTATUS)statuses[i].status), statuses[i].wsa)) {
            printf("#   for status %08x\n", statuses[i].status);
        }
    }
}

static void statuses_have_the_win32_codes_of_the_contract(void)
{
    for (int i = 0; i < STATUSES; i++) {
        if (!CHECK_EQ(lw_status_to_win32((NTSTATUS)statuses[i].status), statuses[i].win32)) {
            printf("#   for status %08x\n", statuses[i].status);
        }
    }
}

static int is_listed(unsigned status)
{
    for (int i = 0; i < STATUSES; i++) {
        if (statuses[i].status == status) return 1;
    }
    return 0;
}

static void failures_that_are_not_listed_are_plain_ones(void)
{
    static const unsigned starts[] = { 0x80000000u, 0x80070000u, 0xC0000000u, 0xC0010000u, 0xC0070000u };

    for (int i = 0; i < (int)(sizeof(starts) / sizeof(starts[0])); i++) {
        for (unsigned status = starts[i]; status < starts[i] + 0x1000; status++) {
            if (!is_listed(status) && !CHECK_EQ(lw_status_to_wsa((NTSTATUS)status), 10022)) return;
        }
    }
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0xC0000999u), 317);
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0x80070002u), 2);
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0xC0010002u), 2);
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0xC0070002u), 2);
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0xC0080002u), 317);
    CHECK_EQ(lw_status_to_wsa((NTSTATUS)0xFFFFFFFFu), 10022);
    CHECK_EQ(lw_status_to_win32((NTSTATUS)0xFFFFFFFFu), 317);
}

static void successes_that_are_not_listed_are_no_error(void)
{
    static const unsigned successes[] = { 1, 0x3F, 0x80, 0xC0, 0x102, 0x104, 0x40000000u, 0x7FFFFFFFu };

    for (int i = 0; i < (int)(sizeof(successes) / sizeof(successes[0])); i++) {
        CHECK(lw_ok((NTSTATUS)successes[i]));
        CHECK_EQ(lw_status_to_wsa((NTSTATUS)successes[i]), 0);
        CHECK_EQ(lw_status_to_win32((NTSTATUS)successes[i]), 0);
    }
    CHECK(!lw_ok((NTSTATUS)0x80000005u));
}

static void performed_requests_translate_errno(void)
{
    CHECK_EQ(lw_status_from_errno(0), 0);
    for (int i = 0; i < ERRNOS; i++) {
        if (!CHECK_EQ((unsigned)lw_status_from_errno(errnos[i].err), errnos[i].status)) {
            printf("#   for errno %d\n", errnos[i].err);
        }
    }
}

static void refused_calls_yield_exactly_the_winsock_code(void)
{
    CHECK_EQ(lw_status_of_call(0), 0);
    for (int i = 0; i < ERRNOS; i++) {
        NTSTATUS status = lw_status_of_call(errnos[i].err);

        CHECK(!lw_ok(status));
        if (!CHECK_EQ(lw_status_to_wsa(status), errnos[i].wsa)) printf("#   for errno %d\n", errnos[i].err);
    }
}

static void bare_winsock_codes_come_back_in_both_columns(void)
{
    for (int code = 10000; code < 11032; code++) {
        CHECK(!lw_ok(LW_STATUS_WSA(code)));
        CHECK_EQ(lw_status_to_wsa(LW_STATUS_WSA(code)), code);
        CHECK_EQ(lw_status_to_win32(LW_STATUS_WSA(code)), code);
    }
}

static const struct unit_case cases[] = {
    UNIT(statuses_have_the_winsock_codes_of_the_contract),
    UNIT(statuses_have_the_win32_codes_of_the_contract),
    UNIT(failures_that_are_not_listed_are_plain_ones),
    UNIT(successes_that_are_not_listed_are_no_error),
    UNIT(performed_requests_translate_errno),
    UNIT(refused_calls_yield_exactly_the_winsock_code),
    UNIT(bare_winsock_codes_come_back_in_both_columns),
};
UNIT_MAIN(cases)
