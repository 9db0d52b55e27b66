/*
 * aisrelay - reads AIS sentences from standard input and hands them on.
 *
 * Runs on the small boxes at the quay. The uplink there is a mobile modem that
 * goes away whenever a crane parks in front of the antenna, so sentences wait in
 * a ring of 256 KiB (about an hour of a busy harbour). When it is full the
 * oldest sentence goes: an old position is worth less than a new one.
 *
 *   socat /dev/ttyUSB0,b38400 - | aisrelay --to 10.42.3.9:4001
 */
#include "../../third_party/tinyring/tinyring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_BYTES (256u * 1024u)
#define MAX_SENTENCE 84 /* NMEA 0183: 82 characters and the line end */
#define RETRY_MS 5000

static uint8_t memory[RING_BYTES];

/* Checks "!AIVDM,...*hh". Anything else on the wire is noise. */
static int valid_sentence(const char *line, size_t length)
{
    if (length < 10 || strncmp(line, "!AIVD", 5) != 0)
        return 0;
    const char *star = memchr(line, '*', length);
    if (star == NULL || star + 3 > line + length)
        return 0;
    unsigned sum = 0;
    for (const char *p = line + 1; p < star; p++)
        sum ^= (unsigned char)*p;
    char hex[3] = {star[1], star[2], 0};
    char *end = NULL;
    return sum == strtoul(hex, &end, 16) && *end == 0;
}

static int uplink(const char *address, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
        return -1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Sends what waits. Returns 0 when the uplink broke. */
static int drain(tinyring *ring, int fd)
{
    char line[MAX_SENTENCE];
    uint32_t length = sizeof line;
    while (tr_get_record(ring, line, &length) == TR_OK) {
        if (send(fd, line, length, MSG_NOSIGNAL) != (ssize_t)length) {
            /* This one sentence is lost; its ship reports again in seconds. */
            return 0;
        }
        length = sizeof line;
    }
    return 1;
}

int main(int argc, char **argv)
{
    char address[64];
    int port = 0;
    if (argc != 3 || strcmp(argv[1], "--to") != 0 ||
        sscanf(argv[2], "%63[0-9.]:%d", address, &port) != 2) {
        fprintf(stderr, "usage: aisrelay --to ADDRESS:PORT\n");
        return 2;
    }

    tinyring ring;
    if (tr_init(&ring, memory, RING_BYTES) != TR_OK)
        return 1;

    int fd = -1;
    char line[256];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    for (;;) {
        int ready = poll(&input, 1, RETRY_MS);
        if (ready < 0 && errno != EINTR)
            return 1;
        if (ready > 0) {
            if (fgets(line, sizeof line, stdin) == NULL)
                break;
            size_t length = strlen(line);
            if (length <= MAX_SENTENCE && valid_sentence(line, length))
                tr_push_record(&ring, line, (uint32_t)length);
        }
        if (fd < 0)
            fd = uplink(address, port);
        if (fd >= 0 && !drain(&ring, fd)) {
            close(fd);
            fd = -1;
        }
    }
    if (ring.dropped > 0)
        fprintf(stderr, "aisrelay: dropped %llu sentences\n", (unsigned long long)ring.dropped);
    return 0;
}
