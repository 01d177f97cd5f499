/* The first words of a program: it asks the host at argv[1] for an echo (UDP, port 7), every 10 ms
 * until it is answered, and appends to the file argv[2] when it began and when it was answered, in
 * nanoseconds of CLOCK_MONOTONIC, which all namespaces share. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(7)};
    struct timeval patience = {.tv_usec = 10000};
    char text[64], word[4] = "hey";
    long long began = now();
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("socket");
        return 1;
    }
    do {
        (void)!send(fd, word, 3, 0);
    } while (recv(fd, word, sizeof word, 0) != 3);
    int n = snprintf(text, sizeof text, "%lld %lld\n", began, now());
    int out = open(argv[2], O_WRONLY | O_APPEND | O_CREAT, 0644);
    return write(out, text, (size_t)n) == n ? 0 : 1;
}
