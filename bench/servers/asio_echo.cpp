// SPDX-License-Identifier: MIT
// asio_echo - Boost.Asio (epoll reactor) echo server:  asio_echo PORT [THREADS]
#include <boost/asio.hpp>
#include <array>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

using boost::asio::ip::tcp;
using Err = boost::system::error_code;

struct Session : std::enable_shared_from_this<Session> {
    tcp::socket sock;
    std::array<char, 64 * 1024> buf;
    explicit Session(tcp::socket s) : sock(std::move(s))
    {
    }
    void read()
    {
        auto self = shared_from_this();
        sock.async_read_some(boost::asio::buffer(buf), [this, self](Err e, std::size_t n) {
            if (!e) write(n);
        });
    }
    void write(std::size_t n)
    {
        auto self = shared_from_this();
        boost::asio::async_write(sock, boost::asio::buffer(buf, n), [this, self](Err e, std::size_t) {
            if (!e) read();
        });
    }
};

static void accept_next(tcp::acceptor &a)
{
    a.async_accept([&a](Err e, tcp::socket s) {
        if (!e) {
            s.set_option(tcp::no_delay(true), e);
            std::make_shared<Session>(std::move(s))->read();
        }
        accept_next(a);
    });
}

int main(int argc, char **argv)
{
    if (argc < 2) return 1;
    int threads = argc > 2 ? std::atoi(argv[2]) : 1;
    boost::asio::io_context io(threads);
    tcp::acceptor a(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), (unsigned short)std::atoi(argv[1])));
    a.listen(4096);
    accept_next(a);
    std::vector<std::thread> pool;
    for (int i = 1; i < threads; i++) pool.emplace_back([&io] { io.run(); });
    io.run();
}
