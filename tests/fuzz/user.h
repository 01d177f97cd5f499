/* The users of a host's sockets for fuzz_host: a listener, UDP and ping sockets from the start, and
 * what an input asks for. What they write and what must come is counted up by its place in the
 * stream (fuzz_text), and checked. */
#ifndef SW_TESTS_FUZZ_USER_H
#define SW_TESTS_FUZZ_USER_H

#include "stack/sock.h"
#include "tests/fuzz/peer.h"

#define FUZZ_USERS 16

struct fuzz_user {
    struct fuzz_users *all;
    struct sw_sock *sock; /* NULL: this place is free */
    enum sw_protocol protocol;
    bool listens;
    uint8_t habits;         /* what it does when it is told something */
    uint32_t written, read; /* bytes of a stream */
};

struct fuzz_users {
    struct sw_host *host;
    const struct fuzz_peer *peer;
    struct fuzz_user user[FUZZ_USERS];
};

void fuzz_users_init(struct fuzz_users *users, struct sw_host *host, const struct fuzz_peer *peer);
/* One thing that a user does, as the input has it. */
void fuzz_users_do(struct fuzz_users *users, struct fuzz_input *in);
/* Asks for all there is to know. */
void fuzz_users_look(struct fuzz_users *users);
/* What must hold of every socket. */
void fuzz_users_check(struct fuzz_users *users);

#endif
