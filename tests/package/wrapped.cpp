// SPDX-License-Identifier: MIT
//
// wrapped.cpp - a C++ program may wrap the headers in extern "C", and may use
// the names that the C++ library has.
extern "C" {
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
#include <process.h>
}
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

struct Peer {
    std::vector<sockaddr_in> addresses;
    std::function<void(const SOCKADDR_STORAGE &)> seen;
};

struct Wide {
    std::u16string name;
    WCHAR const *text() const
    {
        return name.c_str();
    }
};

int run(Peer &peer, volatile long &count, DWORD limit, std::size_t n)
{
    auto one = std::bind(std::plus<int>(), 1, std::placeholders::_1);
    SIZE_T most = std::min<SIZE_T>(limit, 3);

    most = std::max(most, n); // SIZE_T is size_t
    peer.addresses.push_back({});
    GUID a = WSAID_ACCEPTEX, b = WSAID_CONNECTEX;
    return a == b ? one(1) : static_cast<int>(most + InterlockedIncrement(&count));
}
