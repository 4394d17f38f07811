// SPDX-License-Identifier: MIT
//
// names.cpp - methods called like socket functions keep their names: the
// classes of one source file fit those of another that never saw a Windows
// header.  tests/package/headers.sh looks at the symbols of the object file.
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

struct Session {
    SOCKET s;
    SOCKET socket();
    int bind();
    int listen();
    int accept();
    int connect();
    int shutdown();
    int close();
    int send();
    int recv();
    int select();
    int ioctlsocket();
};

SOCKET Session::socket()
{
    return s = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
}

int Session::bind()
{
    sockaddr_in to{};
    return ::bind(s, reinterpret_cast<sockaddr *>(&to), sizeof to);
}

int Session::listen()
{
    return ::listen(s, SOMAXCONN);
}

int Session::accept()
{
    return ::accept(s, nullptr, nullptr) == INVALID_SOCKET;
}

int Session::connect()
{
    sockaddr_in to{};
    return ::connect(s, reinterpret_cast<sockaddr *>(&to), sizeof to);
}

int Session::shutdown()
{
    return ::shutdown(s, SD_BOTH);
}

int Session::close()
{
    return ::closesocket(s);
}

int Session::send()
{
    return ::send(s, "x", 1, 0);
}

int Session::recv()
{
    char byte;
    return ::recv(s, &byte, 1, 0);
}

int Session::select()
{
    fd_set set;
    timeval now{};
    FD_ZERO(&set);
    FD_SET(s, &set);
    return ::select(0, nullptr, &set, nullptr, &now);
}

int Session::ioctlsocket()
{
    unsigned long on = 1;
    u_long also = 1;
    return ::ioctlsocket(s, FIONBIO, &on) + ::ioctlsocket(s, FIONBIO, &also);
}
