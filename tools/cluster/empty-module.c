/* A module for Redis that does nothing: it stands where the default redis.conf of a chart loads one. Built by `walk`,
 * with NAME as its name. The server hands in a context whose first field is the function that finds all others. */

typedef int (*find)(const char *name, void *function);

int RedisModule_OnLoad(void *context, void **words, int count) {
    void (*tell)(void *, const char *, int, int) = 0;
    (void)words;
    (void)count;
    (*(find *)context)("RedisModule_SetModuleAttribs", &tell);
    if (tell == 0) return 1;
    tell(context, NAME, 1, 1);
    return 0;
}
