/* SPDX-License-Identifier: MIT */
/* hello - the shortest overlapped server: answers each client of 127.0.0.1:8080.  README.md shows it. */
#include <winsock2.h>
#include <mswsock.h>

int main(void)
{
    static char text[] = "HTTP/1.0 200 OK\r\n\r\nHello, overlapped I/O!\n";
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(8080) };
    WSABUF answer = { sizeof text - 1, text };
    WSAOVERLAPPED ov = { 0 };
    char buffer[1024 + 32 + 32];
    DWORD bytes, flags;
    SOCKET listener, s;
    WSADATA wsa;

    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0) return 1;
    ov.hEvent = WSACreateEvent();
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, SOMAXCONN)) return 1;
    while ((s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)) != INVALID_SOCKET) {
        /* A connection, its first bytes and both addresses; then the answer.  Both requests are waited for. */
        AcceptEx(listener, s, buffer, 1024, 32, 32, &bytes, &ov);
        if (WSAGetOverlappedResult(listener, &ov, &bytes, TRUE, &flags)) {
            WSASend(s, &answer, 1, NULL, 0, &ov, NULL);
            WSAGetOverlappedResult(s, &ov, &bytes, TRUE, &flags);
        }
        closesocket(s);
    }
    return 1;
}
