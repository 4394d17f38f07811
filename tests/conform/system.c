/* SPDX-License-Identifier: MIT */
/* system.c - what a program learns of the machine and of itself; console handlers as far as no key is pressed. */
#include "test.h"

static void system_info_is_plausible(void)
{
    SYSTEM_INFO info;

    memset(&info, 0xee, sizeof info);
    GetSystemInfo(&info);
    CHECK(info.dwNumberOfProcessors >= 1 && info.dwNumberOfProcessors < 10000);
    CHECK(info.dwPageSize >= 4096 && (info.dwPageSize & (info.dwPageSize - 1)) == 0);
    CHECK_EQ(info.dwAllocationGranularity, 65536);
    CHECK(info.dwActiveProcessorMask != 0);
    CHECK((char *)info.lpMinimumApplicationAddress < (char *)info.lpMaximumApplicationAddress);
    CHECK((char *)&info < (char *)info.lpMaximumApplicationAddress);
    CHECK(info.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_AMD64 ||
          info.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_ARM64);
    CHECK_EQ(info.wReserved, 0);
}

static DWORD WINAPI store_process_id(void *ret)
{
    *(DWORD *)ret = GetCurrentProcessId();
    return 0;
}

static void all_threads_have_one_process_id(void)
{
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, store_process_id, &id, 0, NULL);

    REQUIRE(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK(id != 0);
    CHECK_EQ(GetCurrentProcessId(), id);
}

static BOOL WINAPI first_handler(DWORD event)
{
    return event == CTRL_C_EVENT;
}

static BOOL WINAPI second_handler(DWORD event)
{
    return event != CTRL_C_EVENT;
}

static void console_handlers_come_and_go(void)
{
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(SetConsoleCtrlHandler(second_handler, TRUE));
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(SetConsoleCtrlHandler(second_handler, FALSE));
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
}

static void unknown_console_handlers_cannot_be_removed(void)
{
    SetLastError(0xbad);
    CHECK(!SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(!SetConsoleCtrlHandler(second_handler, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(!SetConsoleCtrlHandler(first_handler, FALSE));
}

static void ctrl_c_can_be_ignored_and_noticed_again(void)
{
    CHECK(SetConsoleCtrlHandler(NULL, TRUE));
    CHECK(SetConsoleCtrlHandler(NULL, TRUE));
    CHECK(SetConsoleCtrlHandler(NULL, FALSE));
}

static const struct test_case cases[] = {
    TEST(system_info_is_plausible, "reference GetSystemInfo"),
    TEST(all_threads_have_one_process_id, "reference GetCurrentProcessId"),
    TEST(console_handlers_come_and_go, "reference SetConsoleCtrlHandler"),
    TEST(unknown_console_handlers_cannot_be_removed, "SetConsoleCtrlHandler, observed"),
    TEST(ctrl_c_can_be_ignored_and_noticed_again, "reference SetConsoleCtrlHandler, HandlerRoutine NULL"),
};
TEST_MAIN(cases)
